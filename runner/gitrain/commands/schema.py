"""gitrain schema"""

from __future__ import annotations

from pathlib import Path

import click

from gitrain.commands.options import common
from gitrain.kinds import KINDS
from gitrain.terminal.invocation import Invocation

NAMES = ("Project", *KINDS, "manifest")


@click.command("schema")
@click.argument("kind", type=click.Choice(NAMES, case_sensitive=False), default="manifest")
@click.option(
    "--write",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write all schemas to DIR, for editors.",
)
@common(workspace=False)
def command(invocation: Invocation, kind: str, folder: Path | None) -> None:
    """Print the JSON Schema of a kind of manifest.

    For completion in your editor, make this the first line of a manifest:

    \b
      # yaml-language-server: $schema=../schemas/v1/job.json

    \b
    Examples:
      gitrain schema job
      gitrain schema --write schemas
    """
    from gitrain.atomic import write_atomically
    from gitrain.report.json.schemas import output_files
    from gitrain.schema import generate

    if folder is None:
        invocation.write(generate.files()[f"{kind.lower()}.json"])
    else:
        generate.write(folder / "v1")
        (folder / "v1" / "output").mkdir(parents=True, exist_ok=True)
        for name, text in output_files().items():
            write_atomically(folder / "v1" / "output" / name, text.encode())
