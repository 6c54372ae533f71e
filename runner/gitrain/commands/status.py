"""gitrain status"""

from __future__ import annotations

import click

from gitrain.commands.options import common
from gitrain.project.opened import OpenedProject
from gitrain.terminal.invocation import Invocation
from gitrain.terminal.printing import render


@click.command("status")
@common("json", "markdown", "github")
def command(invocation: Invocation) -> None:
    """Show what exists, whether it matches the manifests (SYNC), and how it is doing (HEALTH)."""
    from gitrain.plan.options import Options

    opened = OpenedProject(invocation)
    status = opened.status(opened.plan(Options()))
    invocation.write(render("status", invocation, status))
