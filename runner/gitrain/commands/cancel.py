"""gitrain cancel"""

from __future__ import annotations

import click

from gitrain.commands.options import common, job_argument
from gitrain.project.by_hand import cancel
from gitrain.project.opened import OpenedProject
from gitrain.terminal.invocation import Invocation


@click.command("cancel")
@job_argument()
@click.option("--run", "run_id", metavar="RUN_ID", help="Cancel only this run.")
@common()
def command(invocation: Invocation, job: str, run_id: str | None) -> None:
    """Cancel a job's live runs. They stay canceled until you rerun the job or it changes."""
    invocation.write(cancel(OpenedProject(invocation), job, run_id))
