"""gitrain wait"""

from __future__ import annotations

import click

from gitrain.commands.options import Invocation, common, complete_jobs


@click.command("wait")
@click.argument("jobs", nargs=-1, required=True, shell_complete=complete_jobs)
@click.option("--timeout", type=float, metavar="SECONDS", help="Most seconds to wait.")
@common("json", "markdown", "github")
def command(invocation: Invocation, jobs: tuple[str, ...], timeout: float | None) -> int:
    """Wait until the runs of JOBS are over; submits nothing. Prints the status.

    Exits 7 when a run failed or missed a gate, 1 when --timeout has passed.
    """
    from gitrain.commands.session import Session
    from gitrain.commands.waiting import wait_for
    from gitrain.plan.options import Options

    return wait_for(Session(invocation), Options(), jobs, timeout)
