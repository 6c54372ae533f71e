"""gitrain metrics"""

from __future__ import annotations

import click

from gitrain.commands.options import common, job_argument
from gitrain.errors import UsageError
from gitrain.plan.before import previous_run
from gitrain.project.opened import OpenedProject
from gitrain.project.runs import chosen_run, run_option
from gitrain.report.compare import metrics_of, variants_of
from gitrain.terminal.invocation import Invocation
from gitrain.terminal.printing import render


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
    return render("metrics", invocation, report)


def variants_table(invocation: Invocation, job: str, run_id: str | None) -> str:
    """All digests of a job, how they differ, and their metrics."""
    if invocation.output == "json":
        raise UsageError("--variants has no JSON format: leave out -o json")
    opened = OpenedProject(invocation)
    run, runs = chosen_run(opened, job, run_id)
    metrics = opened.workspace.summaries(runs)
    return render("variants", invocation, job, variants_of(runs, metrics, run.digest))
