"""gitrain reconcile"""

from __future__ import annotations

from typing import Any

import click

from gitrain.commands.options import common, plan_options
from gitrain.errors import Exit, UsageError
from gitrain.terminal.invocation import Invocation


@click.command("reconcile")
@plan_options
@click.option("--wait", is_flag=True, help="Plan anew until everything has settled; print status.")
@click.option("--timeout", type=float, metavar="SECONDS", help="Most seconds to --wait.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show the plan, and stop.")
@common("json", "markdown", "github")
def command(
    invocation: Invocation,
    wait: bool,
    timeout: float | None,
    yes: bool,
    dry_run: bool,
    **flags: Any,
) -> int:
    """Plan, and carry the plan out: create, register, update, submit, cancel.

    On a terminal it asks before it changes a workspace that is not local. ^C once finishes what is
    in flight and reports; twice stops.

    \b
    Examples:
      gitrain reconcile --wait
      gitrain reconcile -w azure --select fastai-pets
      gitrain reconcile -w azure --prune --yes

    Exits 7 with --wait when a run failed or missed a gate, 5 when something is blocked.
    """
    from gitrain.commands.reconciling import Reconciling

    if timeout is not None and not wait:
        raise UsageError("--timeout goes with --wait")
    work = Reconciling(invocation, flags, timeout, wait=wait)
    made = work.planned()
    if dry_run or made.problems:
        work.print_plan(made)
        return Exit.REFUSED if made.problems else Exit.OK
    return work.carry_out(made, ask=not yes)
