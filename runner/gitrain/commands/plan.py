"""gitrain plan"""

from __future__ import annotations

from typing import Any

import click

from gitrain.commands.options import common, complete_jobs, job_name, plan_options
from gitrain.errors import Exit, UsageError
from gitrain.plan.actions import Plan
from gitrain.terminal.invocation import Invocation


@click.command("plan")
@plan_options
@click.option(
    "--detailed-exitcode", is_flag=True, help="Exit 2 when the plan would change something."
)
@click.option(
    "--explain",
    metavar="JOB",
    type=job_name,
    shell_complete=complete_jobs,
    help="Say why a job runs, or not.",
)
@click.option("--offline", is_flag=True, help="Ask no workspace: compare with --base.")
@click.option(
    "--base",
    metavar="REF",
    help="Only what this branch adds to this Git revision; --offline: default the remote's branch.",
)
@common("json", "markdown", "github")
def command(
    invocation: Invocation,
    detailed_exitcode: bool,
    explain: str | None,
    offline: bool,
    base: str | None,
    **flags: Any,
) -> int:
    """Show what reconcile would do. Changes nothing, and reads no secret.

    With --base the plan is what this branch adds: what is pending on the base anyway is told apart,
    and what only the base has changed since is left as the base has it.

    \b
    Examples:
      gitrain plan
      gitrain plan --select 'team=vision' -w azure
      gitrain plan --explain fastai-digits
      gitrain plan --base origin/main -o markdown
      gitrain plan --offline
    """
    from gitrain.project.opened import Session
    from gitrain.project.plans import explained, options_of, plan_from_base
    from gitrain.terminal.printing import show

    if explain and (offline or base or invocation.output != "text"):
        raise UsageError("--explain is a text about the workspace: without --offline, --base, -o")
    session = Session(invocation)
    options = options_of(session, flags)
    if explain:
        invocation.write(explained(session, options, explain))
        return Exit.OK
    if offline or base:
        made = plan_from_base(session, options, base, offline=offline)
    else:
        made = session.plan(options)
    show("plan", invocation, made)
    return _exit_code(made, detailed_exitcode)


def _exit_code(made: Plan, detailed: bool) -> int:
    if made.problems:
        return Exit.REFUSED
    return Exit.CHANGES if detailed and made.writes else Exit.OK
