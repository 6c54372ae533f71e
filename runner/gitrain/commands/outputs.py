"""gitrain outputs"""

from __future__ import annotations

import os
from pathlib import Path

import click

from gitrain.commands.options import common, job_argument
from gitrain.errors import UsageError
from gitrain.project.opened import OpenedProject
from gitrain.project.runs import chosen_run, run_option
from gitrain.report.run_files import FilesReport
from gitrain.report.safe import count, plain
from gitrain.terminal.invocation import Invocation
from gitrain.terminal.printing import render
from gitrain.workspace import Artifacts


@click.command("outputs")
@job_argument()
@click.option(
    "--download", type=click.Path(path_type=Path), metavar="DIR", help="Copy the files to DIR."
)
@click.option("--overwrite", is_flag=True, help="Replace files that exist in DIR.")
@run_option
@common("json")
def command(
    invocation: Invocation, job: str, download: Path | None, overwrite: bool, run_id: str | None
) -> None:
    """List or download the files that a run wrote: its named outputs, ./outputs and ./logs.

    A file that exists in DIR is not replaced without --overwrite. Downloaded files get the modes of
    new ones, and may be executed if the run's could be.
    """
    if overwrite and download is None:
        raise UsageError("--overwrite needs --download")
    opened = OpenedProject(invocation)
    run, _ = chosen_run(opened, job, run_id)
    artifacts = opened.workspace.artifacts(run)
    names = artifacts.names()
    written = _download(artifacts, names, download, overwrite) if download else ()
    report = FilesReport(job=job, run_id=run.id, names=names, written=written)
    if names or invocation.output == "json":
        invocation.write(render("files", invocation, report))
    else:
        yet = " yet" if run.phase.live else ""
        click.echo(f"note: {run.id} has no outputs{yet} ({run.phase.value})", err=True)


def _download(
    artifacts: Artifacts, names: tuple[str, ...], folder: Path, overwrite: bool
) -> tuple[str, ...]:
    """The files written. Raises UsageError if some exist and may not be replaced."""
    existing = [folder / name for name in names if os.path.lexists(folder / name)]
    if existing:
        more = f" and {count(len(existing) - 1, 'other file')}" if existing[1:] else ""
        found = f"{existing[0]}{more}"
        if not overwrite:
            raise UsageError(f"not replacing {found}: use --overwrite, or another folder")
        click.echo(plain(f"note: replacing {found}"), err=True)
    return tuple(map(str, artifacts.download(folder)))
