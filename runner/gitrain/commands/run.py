"""gitrain run"""

from __future__ import annotations

import click

from gitrain.commands.options import common, job_argument
from gitrain.errors import UsageError
from gitrain.terminal.invocation import Invocation


@click.command("run")
@job_argument(required=False)
@click.option(
    "--base",
    metavar="REF",
    help="Instead of JOB: every job that this checkout would submit and REF would not.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Another value for a field of spec, such as inputs.lr=3e-4; parsed as YAML.",
)
@click.option("--wait", is_flag=True, help="Wait until the run is over; print the status.")
@common("json", "markdown")
def command(
    invocation: Invocation,
    job: str | None,
    base: str | None,
    settings: tuple[str, ...],
    wait: bool,
) -> int:
    """Run a job now, with other values: a variant.

    A variant supersedes nothing and is not superseded. When the same values are merged later, its
    run is found, and nothing runs again. Registers a missing environment; never makes a cluster.

    \b
    Examples:
      gitrain run fastai-digits --set inputs.epochs=3 --wait
      gitrain metrics fastai-digits --variants
      gitrain run --base origin/main
    """
    from gitrain.commands.running import submit, submit_added
    from gitrain.commands.settings import parse_settings

    if base:
        if job or settings:
            raise UsageError("--base chooses the jobs: without JOB and --set")
        return submit_added(invocation, base, wait=wait)
    if not job:
        raise UsageError("which job? Name one, or give --base REF")
    return submit(invocation, job, parse_settings(settings), wait=wait)
