"""gitrain plan"""

from __future__ import annotations

from typing import Any

import click

from gitrain.commands.options import common, complete_jobs, job_name, plan_options
from gitrain.errors import Exit, UsageError
from gitrain.plan.actions import Plan
from gitrain.plan.options import Options
from gitrain.project.opened import OpenedProject
from gitrain.project.plans import options_of, plan_from_base
from gitrain.report.text.columns import Style
from gitrain.report.text.explain import explain_text
from gitrain.terminal.invocation import Invocation
from gitrain.terminal.printing import show


@click.command("plan")
@plan_options
@click.option(
    "--detailed-exitcode", is_flag=True, help="Exit 2 if the plan would change something."
)
@click.option(
    "--explain",
    metavar="JOB",
    type=job_name,
    shell_complete=complete_jobs,
    help="Explain why a job would run or not.",
)
@click.option("--offline", is_flag=True, help="Do not contact the workspace; compare with --base.")
@click.option(
    "--base",
    metavar="REF",
    help="Plan only what this branch adds to a Git revision. With --offline the default is the "
    "remote's default branch.",
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
    """Show what reconcile would do. Changes nothing and reads no secrets.

    With --base, the plan shows only what this branch adds. Changes already pending on the base are
    listed separately, and what only the base has changed since then stays as the base has it.

    \b
    Examples:
      gitrain plan
      gitrain plan --select 'team=vision' -w azure
      gitrain plan --explain fastai-digits
      gitrain plan --base origin/main -o markdown
      gitrain plan --offline
    """
    if explain and (offline or base or invocation.output != "text"):
        raise UsageError("--explain cannot be combined with --offline, --base or -o")
    opened = OpenedProject(invocation)
    if explain:
        options = options_of(opened, flags)
        invocation.write(_explained(opened, options, explain, invocation.style))
        return Exit.OK
    if offline or base:
        made = plan_from_base(opened, flags, base, offline=offline)
    else:
        made = opened.plan(options_of(opened, flags))
    show("plan", invocation, made)
    return _exit_code(made, detailed_exitcode)


def _exit_code(made: Plan, detailed: bool) -> int:
    if made.problems:
        return Exit.REFUSED
    return Exit.CHANGES if detailed and made.writes else Exit.OK


def _explained(opened: OpenedProject, options: Options, job: str, style: Style) -> str:
    """Why a job would run or not."""
    opened.job(job)
    made = opened.plan(options)
    row = next(row for row in made.jobs if row.name == job)
    runs = list(opened.workspace.history(opened.desired.project, job))
    return explain_text(row, runs, style)
