"""gitrain new"""

from __future__ import annotations

from pathlib import Path

import click

from gitrain.commands.options import common
from gitrain.commands.scaffold import write_job
from gitrain.terminal.invocation import Invocation


@click.group("new")
def command() -> None:
    """Write a manifest from arguments."""


@command.command("job")
@click.argument("name")
@click.option("--code", metavar="DIR", help="Folder with the code; the command runs in it.")
@click.option("--command", "shell", required=True, metavar="COMMAND", help="Command to run.")
@click.option("--environment", metavar="NAME", help="Environment to run in.")
@click.option("--compute", metavar="NAME", help="Cluster to run on.")
@click.option(
    "--on",
    "workspaces",
    multiple=True,
    metavar="WORKSPACE",
    help="Workspace to run in (repeatable).",
)
@click.option(
    "--input", "inputs", multiple=True, metavar="NAME=VALUE", help="An input (repeatable)."
)
@click.option("--output", "outputs", multiple=True, metavar="NAME", help="An output (repeatable).")
@common(workspace=False)
def job(
    invocation: Invocation,
    name: str,
    code: str | None,
    shell: str,
    environment: str | None,
    compute: str | None,
    workspaces: tuple[str, ...],
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
) -> None:
    """Write the manifest of a job, jobs/NAME.yaml.

    \b
    Example:
      gitrain new job digits --code training --input epochs=8 \\
        --command 'python train.py --epochs ${{inputs.epochs}}'
    """
    spec = {"code": code, "command": shell, "environment": environment, "compute": compute}
    written: Path = write_job(invocation.directory, name, spec, workspaces, inputs, outputs)
    invocation.write(f"wrote {written}; try: gitrain plan --explain {name}")
