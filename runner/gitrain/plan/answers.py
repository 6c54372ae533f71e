"""Which runs belong to the run ids that a plan named. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from gitrain.identity import RunId
from gitrain.observed import Run

_SECONDS = len("2026-11-23T07:00:00")


def answer(named: RunId, runs: Iterable[Run], merged_at: str = "") -> Run | None:
    """The run of this job and digest: the last attempt, from the named one on.

    A merge may compute something other than its plan said, if its base had changed meanwhile.
    Without such a run, it is therefore the job's first one after `merged_at` (RFC 3339, UTC; ""
    when not merged).
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
