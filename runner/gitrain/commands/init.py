"""gitrain init"""

from __future__ import annotations

from pathlib import Path

import click

from gitrain.commands.options import common
from gitrain.commands.scaffold import scaffold
from gitrain.terminal.invocation import Invocation


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option(
    "--template",
    type=click.Choice(["basic", "fastai"]),
    default="basic",
    help="basic: scikit-learn, trains in seconds (the default); fastai: a CNN trainer.",
)
@common(workspace=False)
def command(invocation: Invocation, folder: Path, template: str) -> None:
    """Scaffold a repository: gitrain.yaml, manifests, a training script, ignore files.

    Never overwrites an existing file.

    \b
    Example:
      gitrain init demo && cd demo && git init && gitrain reconcile --wait
    """
    for line in scaffold(invocation.directory / folder, template):
        invocation.write(line)
