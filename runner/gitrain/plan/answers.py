"""Which runs answer to the run ids that a plan named. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from gitrain.observed import Run
from gitrain.plan.runs import run_id

_RUN_ID = re.compile(r"(?P<job>.+)-(?P<digest>[0-9a-f]{12})-(?P<attempt>[0-9]{1,6})")

_SECONDS = len("2026-11-23T07:00:00")


class Named(msgspec.Struct, frozen=True, order=True):
    """A run that was planned: which job, what it computes, and the first attempt that counts."""

    job: str
    digest: str
    attempt: int


def parse_run_id(project: str, text: str) -> Named | None:
    """The parts of one of this project's run ids; None of anything else."""
    match = _RUN_ID.fullmatch(text.removeprefix(f"{project}-"))
    if match is None or not text.startswith(f"{project}-"):
        return None
    named = Named(match["job"], match["digest"], int(match["attempt"]))
    whole = run_id(project, named.job, named.digest, named.attempt)
    return named if whole == text else None


def answer(named: Named, runs: Iterable[Run], merged_at: str = "") -> Run | None:
    """The run of this job and digest, the last attempt from the named one on.

    A merge may compute something else than its plan said, when its base had moved on: without such
    a run, it is the job's first one after the merge (RFC 3339, UTC; "" for none).
    """
    ours = [run for run in runs if run.job == named.job and run.counts]
    exact = [r for r in ours if r.digest == named.digest and r.attempt >= named.attempt]
    if exact:
        return max(exact, key=lambda run: run.attempt)
    since = merged_at[:_SECONDS]
    later = [r for r in ours if since and r.submitted_at[:_SECONDS] >= since and not r.tags.variant]
    if not later:
        return None
    first = min(later, key=lambda run: (run.submitted_at, run.attempt))
    return max((r for r in later if r.digest == first.digest), key=lambda run: run.attempt)
