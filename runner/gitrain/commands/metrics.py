"""gitrain metrics"""

from __future__ import annotations

import click

from gitrain.commands.options import common, job_argument
from gitrain.project.runs import run_option
from gitrain.terminal.invocation import Invocation


@click.command("metrics")
@job_argument()
@click.option("--variants", is_flag=True, help="All digests of the job side by side.")
@run_option
@common("json", "markdown")
def command(invocation: Invocation, job: str, variants: bool, run_id: str | None) -> None:
    """Show a run's metrics beside those of the run before it: the latest of another digest."""
    from gitrain.commands.measuring import metrics_report, variants_table

    show = variants_table if variants else metrics_report
    invocation.write(show(invocation, job, run_id))
