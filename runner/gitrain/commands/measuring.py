"""A run's metrics beside another's, and variants side by side."""

from __future__ import annotations

from collections.abc import Iterable

from gitrain.errors import UsageError
from gitrain.observed import Phase, Run
from gitrain.project.opened import Session
from gitrain.project.runs import chosen_run
from gitrain.report.compare import metrics_of, variants_of
from gitrain.terminal.invocation import Invocation
from gitrain.terminal.printing import render


def metrics_report(invocation: Invocation, job: str, run_id: str | None) -> str:
    """The metrics of one run, and those of the latest completed run of another digest."""
    session = Session(invocation)
    run, runs = chosen_run(session, job, run_id)
    before = run_before(run, runs)
    workspace = session.workspace
    report = metrics_of(
        job, run, workspace.metrics(run), before, workspace.metrics(before) if before else {}
    )
    return render("metrics", invocation, report)


def run_before(run: Run, runs: Iterable[Run]) -> Run | None:
    """Of these runs of its job the one before, as gates see it: variants that were never merged are
    left out."""
    others = (
        other
        for other in runs
        if other.digest != run.digest and other.phase is Phase.COMPLETED and not other.tags.variant
    )
    return max(others, key=lambda r: (r.ended_at, r.submitted_at, r.attempt), default=None)


def variants_table(invocation: Invocation, job: str, run_id: str | None) -> str:
    """All digests of a job, what tells them apart, and what they came to."""
    if invocation.output == "json":
        raise UsageError("--variants is a table for people: without -o json")
    session = Session(invocation)
    run, runs = chosen_run(session, job, run_id)
    metrics = session.workspace.summaries(runs)
    return render("variants", invocation, job, variants_of(runs, metrics, run.digest))
