"""gitrain logs"""

from __future__ import annotations

import click

from gitrain.commands.options import common, job_argument
from gitrain.project.opened import OpenedProject
from gitrain.project.runs import chosen_run, run_option
from gitrain.terminal.invocation import Invocation, close_output


@click.command("logs")
@job_argument()
@click.option("--follow", "-f", is_flag=True, help="Keep printing until the run has finished.")
@run_option
@common()
def command(invocation: Invocation, job: str, follow: bool, run_id: str | None) -> None:
    """Print the log of a job's run."""
    opened = OpenedProject(invocation)
    run, _ = chosen_run(opened, job, run_id)
    empty = True
    try:
        for piece in opened.workspace.logs(run, follow=follow):
            empty = empty and not piece
            click.echo(piece, nl=False)
    except BrokenPipeError:
        close_output()
    if empty:
        phase = "" if follow else f" ({run.phase.value})"
        click.echo(f"note: the log of {run.id} is empty{phase}", err=True)
