"""gitrain status"""

from __future__ import annotations

import click

from gitrain.commands.options import common
from gitrain.terminal.invocation import Invocation


@click.command("status")
@common("json", "markdown", "github")
def command(invocation: Invocation) -> None:
    """Show what exists, whether it is as desired (SYNC), and whether it works (HEALTH)."""
    from gitrain.plan.options import Options
    from gitrain.project.opened import Session
    from gitrain.terminal.printing import render

    session = Session(invocation)
    status = session.status(session.plan(Options()))
    invocation.write(render("status", invocation, status))
