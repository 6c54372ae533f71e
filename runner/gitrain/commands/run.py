"""gitrain run"""

from __future__ import annotations

import click

from gitrain.commands.options import Invocation, common, job_argument


@click.command("run")
@job_argument()
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="FIELD=VALUE",
    help="Another value for a field of spec, such as inputs.lr=3e-4; parsed as YAML.",
)
@click.option("--wait", is_flag=True, help="Wait until the run is over; print the status.")
@common("json", "markdown")
def command(invocation: Invocation, job: str, settings: tuple[str, ...], wait: bool) -> int:
    """Run a job now, with other values: a variant.

    A variant supersedes nothing and is not superseded. When the same values are merged later, its
    run is found, and nothing runs again. Registers a missing environment; never makes a cluster.

    \b
    Examples:
      gitrain run fastai-digits --set inputs.epochs=3 --wait
      gitrain metrics fastai-digits --variants
    """
    from gitrain.commands.byhand import submit
    from gitrain.commands.settings import parse_settings

    return submit(invocation, job, parse_settings(settings), wait=wait)
