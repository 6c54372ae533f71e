"""gitrain explain"""

from __future__ import annotations

import click

from gitrain.commands.options import Invocation, common


@click.command("explain")
@click.argument("field")
@common(workspace=False)
def command(invocation: Invocation, field: str) -> None:
    """Explain a field of a manifest: meaning, type, default, and what each workspace does with it.

    \b
    Examples:
      gitrain explain job.spec.limits.timeout
      gitrain explain cluster
    """
    from gitrain.commands.explaining import explained

    invocation.write(explained(field))
