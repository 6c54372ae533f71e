"""A reconcile from its flags to its exit code."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click
import msgspec

from gitrain.apply import Outcome, Result
from gitrain.commands.protection import check_protection
from gitrain.errors import UsageError
from gitrain.plan.actions import Plan, Verb
from gitrain.project.opened import Session
from gitrain.project.plans import options_of
from gitrain.reconcile import Loop, Reconciled
from gitrain.report.text.reconcile import outcome_line, reconciled_text
from gitrain.terminal.invocation import Invocation
from gitrain.terminal.live import Live
from gitrain.terminal.printing import render, show
from gitrain.terminal.signals import Stopping


class Reconciling:
    """One command line's reconcile: its session, its options, and what it prints when."""

    def __init__(
        self,
        invocation: Invocation,
        flags: Mapping[str, Any],
        timeout: float | None,
        *,
        wait: bool,
    ) -> None:
        self._invocation = invocation
        self._session = Session(invocation)
        self._timeout = timeout
        self._wait = wait
        self._options = options_of(self._session, flags)
        self._submitted = 0

    def planned(self) -> Plan:
        """The plan, with the secrets looked at, once the protection lets us."""
        if not self._options.force:
            check_protection(self._session)
        absent = self._session.absent_secrets()
        self._options = msgspec.structs.replace(self._options, absent_secrets=absent)
        return self._session.plan(self._options)

    def print_plan(self, made: Plan) -> None:
        show("plan", self._invocation, made)

    def carry_out(self, made: Plan, *, ask: bool) -> int:
        """Print, ask, apply, wait, and print how it went."""
        text = self._invocation.output == "text"
        if text:
            self.print_plan(made)
        if made.writes and ask and not self._agreed():
            raise UsageError("nothing was changed")
        with Stopping() as stopping, Live(self._session, self._invocation, self._wait) as live:
            loop = Loop(
                self._session.workspace,
                self._next,
                report=lambda outcome: self._report(outcome, live),
                tick=live.tick,
                stopping=stopping,
            )
            ended = loop.settle(made, self._timeout) if self._wait else loop.once(made)
        if self._wait:
            self._session.workspace.keep_summaries()
        self._print_end(ended, text=text)
        return ended.exit_code

    def _next(self) -> Plan:
        """The plan of a wait's next round, which knows what this reconcile has submitted."""
        return self._session.plan(msgspec.structs.replace(self._options, submitted=self._submitted))

    def _agreed(self) -> bool:
        if self._session.desired.kind == "local" or not sys.stdin.isatty():
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
            status = self._session.status(ended.last)
            self._invocation.write("\n" + render("status", self._invocation, status))
        if ended.outcomes or ended.last.problems:
            # Every outcome has gone by: what is left to print is the frozen last line.
            end = reconciled_text(ended, self._invocation.style, outcomes=False)
            self._invocation.write("\n" + end)
