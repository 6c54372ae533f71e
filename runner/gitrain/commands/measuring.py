"""A run's metrics beside another's, and variants side by side."""

from __future__ import annotations

import click

from gitrain.errors import UsageError
from gitrain.plan.before import previous_run
from gitrain.project.opened import Session
from gitrain.project.runs import chosen_run
from gitrain.reconcile import unread_notes
from gitrain.report.compare import metrics_of, variants_of
from gitrain.report.safe import plain
from gitrain.terminal.invocation import Invocation
from gitrain.terminal.printing import render
from gitrain.workspace import Workspace


def metrics_report(invocation: Invocation, job: str, run_id: str | None) -> str:
    """The metrics of one run, and those of the previous one."""
    session = Session(invocation)
    run, runs = chosen_run(session, job, run_id)
    before = previous_run(run.digest, runs)
    workspace = session.workspace
    report = metrics_of(
        job, run, workspace.metrics(run), before, workspace.metrics(before) if before else {}
    )
    _note_unread(workspace)
    return render("metrics", invocation, report)


def variants_table(invocation: Invocation, job: str, run_id: str | None) -> str:
    """All digests of a job, what tells them apart, and what they came to."""
    if invocation.output == "json":
        raise UsageError("--variants is a table for people: without -o json")
    session = Session(invocation)
    run, runs = chosen_run(session, job, run_id)
    metrics = session.workspace.summaries(runs)
    _note_unread(session.workspace)
    return render("variants", invocation, job, variants_of(runs, metrics, run.digest))


def _note_unread(workspace: Workspace) -> None:
    for note in unread_notes(workspace):
        click.echo(f"note: {plain(note)}", err=True)
