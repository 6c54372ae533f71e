"""gitrain status"""

from __future__ import annotations

import click

from gitrain.commands.options import Invocation, common


@click.command("status")
@common("json", "markdown", "github")
def command(invocation: Invocation) -> None:
    """Show what exists, whether it is as desired (SYNC), and whether it works (HEALTH)."""
    from gitrain.commands.printing import render
    from gitrain.commands.session import Session
    from gitrain.plan.options import Options

    session = Session(invocation)
    status = session.status(session.plan(Options()))
    invocation.write(render("status", invocation, status))
