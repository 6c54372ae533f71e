"""gitrain show"""

from __future__ import annotations

import click

from gitrain.commands.options import common
from gitrain.kinds import KINDS
from gitrain.terminal.invocation import Invocation


@click.command("show")
@click.argument("kind", type=click.Choice(tuple(KINDS), case_sensitive=False))
@click.argument("name")
@common("json", "azureml")
def command(invocation: Invocation, kind: str, name: str) -> None:
    """Print one manifest as it is in the workspace: defaults, overrides and vars merged in.

    Its digest, and what that is made of, stand above. With -o azureml: Azure ML's own YAML.

    \b
    Examples:
      gitrain show Job fastai-digits
      gitrain show job fastai-digits -w azure -o azureml
    """
    from gitrain.commands.showing import shown

    text, notes = shown(invocation, kind, name)
    invocation.write(text)
    for note in notes:
        click.echo(f"note: {note}", err=True)
