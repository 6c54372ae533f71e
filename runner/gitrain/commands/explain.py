"""gitrain explain"""

from __future__ import annotations

import click

from gitrain.commands.options import common
from gitrain.terminal.invocation import Invocation


@click.command("explain")
@click.argument("field", default="")
@common(workspace=False)
def command(invocation: Invocation, field: str) -> None:
    """Explain a field of a manifest: meaning, type, default, and what each workspace does with it.

    Without FIELD: the kinds. The keys of maps may be left out, or be any name.

    \b
    Examples:
      gitrain explain job.spec.limits.timeout
      gitrain explain job.spec.inputs.mode
      gitrain explain cluster
    """
    from gitrain.commands.explaining import explained

    invocation.write(explained(field))
