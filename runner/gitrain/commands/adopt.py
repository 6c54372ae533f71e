"""gitrain adopt"""

from __future__ import annotations

import click

from gitrain.commands.options import common, job_argument
from gitrain.errors import UsageError
from gitrain.project.by_hand import adopt
from gitrain.project.opened import OpenedProject
from gitrain.terminal.invocation import Invocation


@click.command("adopt")
@job_argument()
@click.option("--run", "run_id", required=True, metavar="RUN_ID", help="The completed run.")
@click.option(
    "--output", "outputs", multiple=True, metavar="NAME=PATH", help="Where it left an output."
)
@common()
def command(invocation: Invocation, job: str, run_id: str, outputs: tuple[str, ...]) -> None:
    """Record that an existing completed run is this job's, so that it does not run again.

    For runs made by other means, and for jobs that were renamed.
    """
    places = dict(output.partition("=")[::2] for output in outputs)
    if not all(places.values()):
        raise UsageError("write --output NAME=PATH")
    invocation.write(adopt(OpenedProject(invocation), job, run_id, places))
