"""gitrain doctor"""

from __future__ import annotations

import click

from gitrain.commands.options import common
from gitrain.errors import Exit
from gitrain.terminal.invocation import Invocation


@click.command("doctor")
@common()
def command(invocation: Invocation) -> int:
    """Say what is wrong with this set-up: Python, Git, manifests, workspace. Changes nothing.

    Exits 1 when something would keep gitrain from working.
    """
    from gitrain.commands.checkup import checkup

    fine = True
    for finding in checkup(invocation):
        fine = fine and finding.fine
        mark = invocation.style("✓", "green") if finding.fine else invocation.style("✗", "red")
        invocation.write(f"{mark} {finding.text}")
    return Exit.OK if fine else Exit.ERROR
