"""gitrain explain"""

from __future__ import annotations

import click

from gitrain.commands.options import common
from gitrain.errors import UsageError
from gitrain.report.text.help import all_codes, explained, names
from gitrain.terminal.invocation import Invocation


def _complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Problem codes, and fields one step at a time."""
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
    """Explain a manifest field or a problem code.

    For a FIELD: its meaning, type and default, and what each workspace does with it. The keys of
    maps can be omitted, or be any name. For a CODE, as in error[unknown-field]: what it means, why
    gitrain insists on it, how to fix it, and an example. Without an argument: the kinds.

    \b
    Examples:
      gitrain explain job.spec.limits.timeout
      gitrain explain job.spec.inputs.mode
      gitrain explain unknown-field
    """
    if codes and name:
        raise UsageError("--codes lists all codes: use it without a name")
    invocation.write(all_codes(invocation.style) if codes else explained(name, invocation.style))
