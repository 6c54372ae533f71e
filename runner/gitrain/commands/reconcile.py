"""gitrain reconcile"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click
import msgspec

from gitrain.apply import Outcome, Result
from gitrain.commands.options import common, plan_options, seconds
from gitrain.errors import Exit, Problem, RefusedError, UsageError
from gitrain.plan.actions import Plan, Verb
from gitrain.project.opened import OpenedProject
from gitrain.project.plans import options_of
from gitrain.reconcile import Loop, Reconciled
from gitrain.report.text.reconcile import outcome_line, reconciled_text
from gitrain.terminal.invocation import Invocation
from gitrain.terminal.live import Live
from gitrain.terminal.printing import render, show
from gitrain.terminal.signals import Stopping


@click.command("reconcile")
@plan_options
@click.option(
    "--wait", is_flag=True, help="Repeat until everything has settled, then print the status."
)
@click.option("--timeout", type=seconds, metavar="SECONDS", help="Stop waiting after SECONDS.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
@common("json", "markdown", "github")
def command(
    invocation: Invocation,
    wait: bool,
    timeout: float | None,
    yes: bool,
    dry_run: bool,
    **flags: Any,
) -> int:
    """Make a plan and carry it out: create, register, update, submit, cancel.

    On a terminal, asks before changing a workspace that is not local. Press ^C once to finish the
    current actions and report, twice to stop at once.

    \b
    Examples:
      gitrain reconcile --wait
      gitrain reconcile -w azure --select fastai-pets
      gitrain reconcile -w azure --prune --yes

    Exits 5 if something is blocked; with --wait, 7 if a run failed or missed a gate.
    """
    if timeout is not None and not wait:
        raise UsageError("--timeout needs --wait")
    work = Reconciling(invocation, flags, timeout, wait=wait)
    made = work.planned()
    if dry_run or made.problems:
        work.print_plan(made)
        return Exit.REFUSED if made.problems else Exit.OK
    return work.carry_out(made, ask=not yes)


class Reconciling:
    """The reconcile of one command line: its project, its options, and what it prints when."""

    def __init__(
        self,
        invocation: Invocation,
        flags: Mapping[str, Any],
        timeout: float | None,
        *,
        wait: bool,
    ) -> None:
        self._invocation = invocation
        self._opened = OpenedProject(invocation)
        self._timeout = timeout
        self._wait = wait
        self._options = options_of(self._opened, flags)
        self._submitted = 0

    def planned(self) -> Plan:
        """The plan, with secrets looked up; checks the protection first."""
        if not self._options.force:
            check_protection(self._opened)
        absent = self._opened.absent_secrets()
        self._options = msgspec.structs.replace(self._options, absent_secrets=absent)
        return self._opened.plan(self._options)

    def print_plan(self, made: Plan) -> None:
        show("plan", self._invocation, made)

    def carry_out(self, made: Plan, *, ask: bool) -> int:
        """Print the plan, ask, apply, wait, and print the outcome."""
        text = self._invocation.output == "text"
        if text:
            self.print_plan(made)
        if made.writes and ask and not self._agreed():
            raise UsageError("nothing was changed")
        with Stopping() as stopping, Live(self._opened, self._invocation, self._wait) as live:
            loop = Loop(
                self._opened.workspace,
                self._next,
                report=lambda outcome: self._report(outcome, live),
                tick=live.tick,
                stopping=stopping,
            )
            ended = loop.settle(made, self._timeout) if self._wait else loop.once(made)
        if self._wait:
            self._opened.workspace.keep_summaries()
        self._print_end(ended, text=text)
        return ended.exit_code

    def _next(self) -> Plan:
        """The plan for the next round of a wait; it knows what this reconcile has submitted."""
        return self._opened.plan(msgspec.structs.replace(self._options, submitted=self._submitted))

    def _agreed(self) -> bool:
        if not (self._opened.desired.type.asks and sys.stdin.isatty()):
            return True
        return click.confirm("Carry out this plan?", err=True)

    def _report(self, outcome: Outcome, live: Live) -> None:
        done = outcome.result is Result.DONE
        self._submitted += done and outcome.action is Verb.SUBMIT
        if self._invocation.output == "text":
            live.write(outcome_line(outcome, self._invocation.style))

    def _print_end(self, ended: Reconciled, *, text: bool) -> None:
        if not text:
            show("reconciled", self._invocation, ended)
            return
        if self._wait:
            status = self._opened.status(ended.last)
            self._invocation.write("\n" + render("status", self._invocation, status))
        if ended.outcomes or ended.last.problems:
            # Every outcome has been printed: only the frozen last line is left.
            end = reconciled_text(ended, self._invocation.style, outcomes=False)
            self._invocation.write("\n" + end)


def check_protection(opened: OpenedProject) -> None:
    """Raises RefusedError unless this workspace may be reconciled from this checkout."""
    problems = tuple(_problems(opened))
    if problems:
        raise RefusedError(problems)


def _problems(opened: OpenedProject) -> Iterator[Problem]:
    target = opened.manifests.project.spec.workspaces[opened.workspace_name]
    repository = opened.sources.repository
    clean = target.protect.clean
    if clean is None:
        clean = opened.desired.type.clean
    if clean and repository.dirty:
        yield Problem(
            code="dirty",
            message=f"workspace {opened.workspace_name} can only be reconciled from a clean tree",
            suggestion="commit or stash your changes, try `gitrain run`, or use --force",
        )
    branch = target.protect.branch
    if branch and repository.commit != (head := repository.remote_head(branch)):
        yield Problem(
            code="not-the-head",
            message=f"workspace {opened.workspace_name} can only be reconciled from the head of "
            f"{branch}, which is {head[:7]}; this is {repository.commit[:7] or 'no commit'}",
            suggestion=f"check out {branch} and pull, try `gitrain run`, or use --force",
        )
