"""gitrain explain"""

from __future__ import annotations

import click

from gitrain.commands.options import common
from gitrain.errors import UsageError
from gitrain.report.text.help import all_codes, explained, names
from gitrain.terminal.invocation import Invocation


def _complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Problem codes, and fields a step at a time."""
    del ctx, parameter
    return [
        name
        for name in names()
        if name.startswith(incomplete) and name.count(".") <= incomplete.count(".")
    ]


@click.command("explain")
@click.argument("name", default="", metavar="[FIELD|CODE]", shell_complete=_complete)
@click.option("--codes", is_flag=True, help="List all problem codes.")
@common(workspace=False)
def command(invocation: Invocation, name: str, codes: bool) -> None:
    """Explain a field of a manifest, or the code of a problem.

    Of a FIELD: meaning, type, default, and what each workspace does with it. The keys of maps may
    be left out, or be any name. Of a CODE, as in error[unknown-field]: what it means, why gitrain
    insists on it, what to do, and an example. Without either: the kinds.

    \b
    Examples:
      gitrain explain job.spec.limits.timeout
      gitrain explain job.spec.inputs.mode
      gitrain explain unknown-field
    """
    if codes and name:
        raise UsageError("--codes lists all codes: give it alone")
    invocation.write(all_codes(invocation.style) if codes else explained(name, invocation.style))
