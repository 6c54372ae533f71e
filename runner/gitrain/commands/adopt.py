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
@click.option(
    "--run", "run_id", required=True, metavar="RUN_ID", help="The completed run to record."
)
@click.option(
    "--output", "outputs", multiple=True, metavar="NAME=PATH", help="Where the run wrote an output."
)
@common()
def command(invocation: Invocation, job: str, run_id: str, outputs: tuple[str, ...]) -> None:
    """Record an existing completed run as this job's run, so that the job does not run again.

    Use it for runs that were made in another way, and for jobs that were renamed.

    \b
    Examples:
      gitrain adopt finetune --run pets-tune-0e253cf15ff8-1
      gitrain adopt pretrain --run brave_lemon_42 -w azure \\
        --output model=azureml://datastores/workspaceblobstore/paths/old/model
    """
    places = dict(output.partition("=")[::2] for output in outputs)
    if not all(places.values()):
        raise UsageError("write --output NAME=PATH")
    invocation.write(adopt(OpenedProject(invocation), job, run_id, places))
