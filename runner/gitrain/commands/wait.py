"""gitrain wait"""

from __future__ import annotations

import click

from gitrain.commands.options import common, job_argument
from gitrain.terminal.invocation import Invocation


@click.command("wait")
@job_argument("jobs", nargs=-1, required=True)
@click.option("--timeout", type=float, metavar="SECONDS", help="Most seconds to wait.")
@common("json", "markdown", "github")
def command(invocation: Invocation, jobs: tuple[str, ...], timeout: float | None) -> int:
    """Wait until the runs of JOBS, and what these wait for, are over. Prints the status.

    Submits nothing. Exits 7 when a run failed or missed a gate; 1 when a job has no run in the end,
    or --timeout has passed.
    """
    from gitrain.commands.waiting import wait_until_run
    from gitrain.project.opened import Session

    return wait_until_run(Session(invocation), jobs, timeout)
