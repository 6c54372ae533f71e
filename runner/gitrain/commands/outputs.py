"""gitrain outputs"""

from __future__ import annotations

from pathlib import Path

import click

from gitrain.commands.options import common, job_argument
from gitrain.project.opened import OpenedProject
from gitrain.project.runs import chosen_run, run_option
from gitrain.terminal.invocation import Invocation


@click.command("outputs")
@job_argument()
@click.option(
    "--download", type=click.Path(path_type=Path), metavar="DIR", help="Copy the files to DIR."
)
@run_option
@common()
def command(invocation: Invocation, job: str, download: Path | None, run_id: str | None) -> None:
    """List or download the files that a run wrote: its named outputs, ./outputs and ./logs."""
    opened = OpenedProject(invocation)
    run, _ = chosen_run(opened, job, run_id)
    artifacts = opened.workspace.artifacts(run)
    found = artifacts.names() if download is None else map(str, artifacts.download(download))
    if lines := "\n".join(found):
        invocation.write(lines)
    else:
        yet = " yet" if run.phase.live else ""
        click.echo(f"note: {run.id} has no outputs{yet} ({run.phase.value})", err=True)
