"""gitrain cancel"""

from __future__ import annotations

import click

from gitrain.commands.chosen import run_option
from gitrain.commands.options import Invocation, common, job_argument


@click.command("cancel")
@job_argument()
@run_option
@common()
def command(invocation: Invocation, job: str, run_id: str | None) -> None:
    """Cancel a job's live runs. They stay canceled until rerun, or until the job changes."""
    from gitrain.commands.byhand import cancel

    invocation.write(cancel(invocation, job, run_id))
