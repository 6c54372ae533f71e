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
    if explain and (offline or base or invocation.output != "text"):
        raise UsageError("--explain is a text about the workspace: without --offline, --base, -o")
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
    """Why a job runs, or does not."""
    opened.job(job)
    made = opened.plan(options)
    row = next(row for row in made.jobs if row.name == job)
    runs = [run for run in opened.observed.runs if run.job == job]
    return explain_text(row, runs, style)
