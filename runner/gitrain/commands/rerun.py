"""gitrain rerun"""

from __future__ import annotations

import click

from gitrain.commands.options import common, job_argument
from gitrain.commands.run import submit
from gitrain.terminal.invocation import Invocation


@click.command("rerun")
@job_argument()
@click.option("--wait", is_flag=True, help="Wait for the run to finish, then print the status.")
@common("json", "markdown")
def command(invocation: Invocation, job: str, wait: bool) -> int:
    """Submit a job again, even though it has not changed: the next attempt of the same digest."""
    return submit(invocation, job, {}, wait=wait, rerun=True)
