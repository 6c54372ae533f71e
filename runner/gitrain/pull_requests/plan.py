"""From a pull request's event to its plan: on stdout, in the summary, as a comment and a status."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click
import msgspec

from gitrain.errors import (
    Exit,
    GitHubError,
    GitrainError,
    ManifestsError,
    Problem,
    RefusedError,
    Severity,
)
from gitrain.github.event import read_event
from gitrain.plan.actions import Plan
from gitrain.project.at_commit import problems_at
from gitrain.project.opened import OpenedProject
from gitrain.project.plans import plan_from_base
from gitrain.pull_requests.text.plan_comment import (
    failure_comment,
    plan_comment,
    problems_comment,
    results_state,
    status_context,
)
from gitrain.report import annotations as workflow_commands
from gitrain.report.markdown.links import Links
from gitrain.source.repository import Repository as Clone
from gitrain.terminal.github_step import add_to_summary, project_folder
from gitrain.terminal.invocation import Invocation
from gitrain.terminal.printing import print_problems, show

if TYPE_CHECKING:
    from gitrain.github.api import Repository


class Commenting:
    """One pull request's plan in one workspace."""

    def __init__(
        self, invocation: Invocation, repository: str | None, number: int | None, *, offline: bool
    ) -> None:
        self._invocation = msgspec.structs.replace(invocation, output="github")
        self._event = read_event(os.environ, repository or "", number or 0)
        self._offline = offline or bool(self._event.outside)
        self._opened = OpenedProject(self._invocation)

    def run(self, flags: Mapping[str, Any], base: str | None) -> int:
        """Plan, print, publish; returns the exit code of the plan, even if GitHub fails."""
        self._complete()
        try:
            made = self._planned(flags, base)
        except (ManifestsError, RefusedError) as error:
            print_problems(self._invocation, error.problems)
            ref = self._ref(base)
            known = self._known(ref) if ref else ()
            told = problems_comment(
                error.problems, self._workspace, self._links, known=known, base=ref
            )
            self._publish(told)
            return error.exit_code
        except GitrainError as error:
            self._publish(failure_comment(str(error), self._workspace, self._links))
            raise
        show("plan", self._invocation, made)
        self._publish(plan_comment(made, made.workspace, self._links), made)
        return Exit.REFUSED if made.problems else Exit.OK

    def _planned(self, flags: Mapping[str, Any], base: str | None) -> Plan:
        made = plan_from_base(self._opened, flags, self._ref(base), offline=self._offline)
        # The checkout is a merge that only GitHub knows. People know the reviewed commit.
        return msgspec.structs.replace(made, commit=self._event.head or made.commit)

    def _ref(self, base: str | None) -> str:
        """The base's branch as this clone knows it; "" if it is unknown."""
        remote = self._clone.remote
        return base or (f"{remote}/{self._event.base}" if remote and self._event.base else "")

    def _known(self, ref: str) -> tuple[Problem, ...]:
        """The problems that the base has too, as far as it can be read."""
        here = self._clone
        try:
            commit = here.divergence(ref).commit
            checkout = here.checkout
            return problems_at(self._opened, checkout, commit) if checkout else ()
        except GitrainError:
            return ()

    @cached_property
    def _clone(self) -> Clone:
        return Clone(self._opened.root)

    @cached_property
    def _repository(self) -> Repository:
        from gitrain.github.api import Repository

        return Repository(self._event, os.environ.get("GITHUB_TOKEN", ""))

    @property
    def _workspace(self) -> str:
        """Its name; without -w and with invalid manifests it is unknown."""
        try:
            return self._opened.workspace_name
        except GitrainError:
            return self._invocation.workspace or "default"

    @property
    def _links(self) -> Links:
        return Links(
            web=self._event.web,
            commit=self._event.head,
            folder=project_folder(self._invocation.directory),
            run=self._event.run,
        )

    def _complete(self) -> None:
        """Look up what the event does not say about the pull request."""
        if self._event.number and not self._event.head and not self._offline:
            self._try(self._look_up)

    def _look_up(self) -> None:
        pull = self._repository.pull(self._event.number)
        self._event = msgspec.structs.replace(self._event, head=pull.head, base=pull.base)

    def _publish(self, body: str, made: Plan | None = None) -> None:
        """Write the comment, and the status for the results; each even if the other fails."""
        from gitrain.pull_requests.comments import publish

        if self._event.outside or self._offline:
            outside = self._event.outside
            why = f"the pull request is from {outside}" if outside else "--offline"
            click.echo(f"No comment: {why}.", err=True)
            add_to_summary(lambda _: f"_Planned offline ({why}): no workspace was contacted._\n")
            return
        if not self._event.number:
            click.echo("No comment: this is not a pull request (use --pr N).", err=True)
            return
        self._try(lambda: publish(self._repository, self._event.number, body))
        if made and not made.problems and self._event.head:
            self._try(lambda: self._set_status(made))

    def _set_status(self, made: Plan) -> None:
        state, told = results_state(made)
        self._repository.set_status(
            self._event.head, state, status_context(made.workspace), told, self._event.run
        )

    def _try(self, step: Callable[[], None]) -> None:
        """Problems with GitHub become warnings; they change neither the plan nor its exit code."""
        try:
            step()
        except GitHubError as error:
            click.echo(f"warning: {error}", err=True)
            told = Problem(code="github", message=str(error), severity=Severity.WARNING)
            self._invocation.write(workflow_commands.annotations([told]))
