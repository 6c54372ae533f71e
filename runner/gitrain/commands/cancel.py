"""gitrain cancel"""

from __future__ import annotations

import click

from gitrain.commands.options import common, job_argument
from gitrain.project.by_hand import cancel
from gitrain.project.opened import OpenedProject
from gitrain.project.runs import run_option
from gitrain.terminal.invocation import Invocation


@click.command("cancel")
@job_argument()
@run_option
@common()
def command(invocation: Invocation, job: str, run_id: str | None) -> None:
    """Cancel a job's live runs. They stay canceled until rerun, or until the job changes."""
    invocation.write(cancel(OpenedProject(invocation), job, run_id))
