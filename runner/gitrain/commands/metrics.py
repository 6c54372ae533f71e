"""gitrain metrics"""

from __future__ import annotations

from collections.abc import Sequence

import click

from gitrain.commands.options import common, job_argument
from gitrain.errors import UsageError
from gitrain.observed import Run
from gitrain.plan.actions import Plan
from gitrain.plan.before import latest, previous_run
from gitrain.project.opened import OpenedProject
from gitrain.project.runs import chosen_run, run_option, runs_of
from gitrain.reconcile import unread_notes
from gitrain.report.compare import metrics_of, variants_of
from gitrain.report.safe import plain
from gitrain.terminal.invocation import Invocation
from gitrain.terminal.printing import render
from gitrain.workspace import Workspace


@click.command("metrics")
@job_argument()
@click.option(
    "--variants", is_flag=True, help="Compare all variants and versions of the job in a table."
)
@run_option
@common("json", "markdown")
def command(invocation: Invocation, job: str, variants: bool, run_id: str | None) -> None:
    """Compare a run's metrics with those of the previous run: the latest of another digest."""
    show = variants_table if variants else metrics_report
    invocation.write(show(invocation, job, run_id))


def metrics_report(invocation: Invocation, job: str, run_id: str | None) -> str:
    """The metrics of one run, compared with those of the previous one."""
    opened = OpenedProject(invocation)
    run, runs = chosen_run(opened, job, run_id)
    before = previous_run(run.digest, runs)
    workspace = opened.workspace
    report = metrics_of(
        job, run, workspace.metrics(run), before, workspace.metrics(before) if before else {}
    )
    _note_unread(workspace)
    return render("metrics", invocation, report)


def variants_table(invocation: Invocation, job: str, run_id: str | None) -> str:
    """All digests of a job, how they differ, and their metrics."""
    if invocation.output == "json":
        raise UsageError("--variants has no JSON format: leave out -o json")
    opened = OpenedProject(invocation)
    made, runs = runs_of(opened, job)
    marked = chosen_run(opened, job, run_id)[0].digest if run_id else _current(made, runs)
    metrics = opened.workspace.summaries(runs)
    _note_unread(opened.workspace)
    return render("variants", invocation, job, variants_of(runs, metrics, marked))


def _current(made: Plan, runs: Sequence[Run]) -> str:
    """The digest of the manifest; that of the last run for a job that is in no manifest."""
    rows = [row for row in made.jobs if row.name == runs[0].job]
    last = latest(runs)
    assert last
    return rows[0].digest if rows else last.digest


def _note_unread(workspace: Workspace) -> None:
    for note in unread_notes(workspace):
        click.echo(f"note: {plain(note)}", err=True)
