"""From the runs of a workspace back to the pull requests that caused them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from gitrain.digest import digest
from gitrain.errors import GitrainError
from gitrain.github.api import Pull, Repository
from gitrain.github.event import read_event
from gitrain.identity import RunId
from gitrain.observed import Metrics, Run
from gitrain.plan.actions import Verb
from gitrain.plan.answers import answer
from gitrain.plan.options import Options
from gitrain.project.opened import OpenedProject
from gitrain.pull_requests.computed import computed_by
from gitrain.pull_requests.planned import Planned, Said, planned_lately, say
from gitrain.pull_requests.text.marker import Marker
from gitrain.pull_requests.text.plan_comment import status_context
from gitrain.pull_requests.text.results_comment import Results, results_comment
from gitrain.pull_requests.text.settled_status import settled_context, settled_state
from gitrain.pull_requests.verdicts import (
    Answers,
    Computed,
    answers,
    claimed,
    is_said,
    named,
    results,
    to_measure,
)
from gitrain.report.markdown.links import Links
from gitrain.terminal.github_step import project_folder
from gitrain.terminal.invocation import Invocation


class Resulting:
    """The runs of one workspace, judged as its plan judges them."""

    def __init__(self, opened: OpenedProject) -> None:
        self.opened = opened
        made = self.plan = opened.plan(Options())
        # A pull request may be answered by any run: of any job, and older than itself.
        self.runs = tuple(opened.workspace.history(opened.desired.project))
        rows = (row for row in made.actions if row.verb is Verb.SUBMIT)
        self._due = frozenset((row.name, row.digest) for row in rows)
        self._metrics: dict[str, Metrics] = {}

    @property
    def project(self) -> str:
        return self.opened.desired.project

    def may_answer(self, claims: Sequence[RunId], planned: Planned) -> bool:
        """Whether there is a run of these claims, and somebody may have asked for it."""
        if planned.pull is None and not planned.certain:
            return any(answer(claim, self.runs) for claim in claims)
        return bool(self.answers(claims, planned.pull))

    def answers(self, names: Iterable[RunId], pull: Pull | None) -> Answers:
        """Of a pull request that is open, if it is None."""
        merged = pull.merged_at.isoformat() if pull and pull.merged_at else ""
        closed = pull is not None and not pull.open
        return answers(names, self.runs, merged_at=merged, closed=closed)

    def results(self, found: Answers, computed: Computed) -> Results:
        self._measure(*to_measure(found, self.runs))
        return results(found, computed.jobs, self.runs, self._metrics, self._due)

    def _measure(self, *runs: Run) -> None:
        for run in runs:
            if run.id not in self._metrics:
                self._metrics[run.id] = self.opened.workspace.metrics(run)


def say_results(invocation: Invocation, repository_name: str | None, days: float) -> int:
    """Say on each pull request what is new of its runs. Asks GitHub four times when nothing is."""
    opened = OpenedProject(invocation)
    event = read_event(os.environ, repository_name or "")
    folder = project_folder(invocation.directory)
    resulting = Resulting(opened)
    repository = Repository(event, os.environ.get("GITHUB_TOKEN", ""))
    said = 0
    if resulting.runs:
        plan = Marker(kind="plan", workspace=opened.workspace_name, folder=folder)
        since = datetime.now(UTC) - timedelta(days=days)
        for planned in planned_lately(repository, plan, since):
            links = Links(web=event.web, folder=folder, run=event.run)
            for line in _said(repository, resulting, planned, links):
                invocation.write(line)
                said += 1
    if not said:
        invocation.write(f"No new results in {opened.workspace_name}.")
    _say_settled(repository, opened, resulting)
    opened.workspace.keep_summaries()
    return 0


def _say_settled(repository: Repository, opened: OpenedProject, resulting: Resulting) -> None:
    """Set the status of main's head last: if reporting failed, there is still something to do."""
    git = opened.sources.repository
    head = git.divergence(git.default_branch or "HEAD").commit
    live = sum(run.live for run in resulting.runs)
    context = settled_context(opened.workspace_name)
    state, told = settled_state(resulting.plan, live)
    # A commit takes 1,000 statuses per name: a long run must not use them up.
    if repository.status(head, context) != (state, told):
        repository.set_status(head, state, context, told)


def _said(
    repository: Repository, resulting: Resulting, planned: Planned, links: Links
) -> Iterator[str]:
    """What was said, and what was refused, a line each; none when there is nothing new."""
    claims = claimed(planned.plan, resulting.project)
    marker = _marker(planned, digest(sorted((one.job, one.digest) for one in claims)))
    before = next((one for one in planned.said if one.marker.matches(marker)), None)
    pull = _worth_a_look(repository, resulting, planned, claims, before)
    if pull is None:
        return
    try:
        computed = computed_by(resulting.opened, pull)
    except GitrainError as error:  # it cannot be read: the others' results are said all the same
        yield f"#{planned.number}: nothing is said: {error}"
        return
    names, refused = named(claims, computed, merged=bool(pull.merged_at))
    if refused:
        told = ", ".join(map(str, refused))
        yield f"#{planned.number}: refused, since its commit does not compute them: {told}"
    found = resulting.answers(names, pull)
    judged = resulting.results(found, computed)
    if pull.merged_at:  # before the merge all that the commit computes has been added
        judged = msgspec.structs.replace(judged, unnamed=planned.plan.more)
    marker = _with_results(marker, found, judged, pull)
    if judged.state and not (before and before.marker == marker):
        _publish(repository, pull, judged, marker, before, links)
        yield f"#{planned.number}: {judged.state}: {judged.verdict}"


def _worth_a_look(
    repository: Repository,
    resulting: Resulting,
    planned: Planned,
    claims: Sequence[RunId],
    before: Said | None,
) -> Pull | None:
    """The pull request as GitHub knows it, when there may be something new; else None.

    That is all that the claims of its plan's comment decide: they spare a look at the commit.
    """
    if not resulting.may_answer(claims, planned):
        return None
    if before:
        merge = _merge(planned.pull) if planned.certain else before.marker.facts.get("merge", "")
        if is_said(before.marker, resulting.runs, merge):
            return None
    pull = planned.pull or repository.pull(planned.number)
    return pull if resulting.answers(claims, pull) else None


def _marker(planned: Planned, of: str) -> Marker:
    return Marker(
        kind="results",
        workspace=planned.plan.workspace,
        folder=planned.plan.folder,
        facts={"of": of},
    )


def _with_results(marker: Marker, found: Answers, judged: Results, pull: Pull) -> Marker:
    facts = {
        **marker.facts,
        "merge": _merge(pull),
        "state": judged.state,
        "over": "yes" if judged.over else "",
    }
    return msgspec.structs.replace(
        marker,
        runs=tuple(run.id for run in found.values() if run),
        facts={name: value for name, value in facts.items() if value},
    )


def _merge(pull: Pull | None) -> str:
    """The commit of its merge; "" while it has none."""
    return pull.merge if pull and pull.merged_at else ""


def _publish(
    repository: Repository,
    pull: Pull,
    judged: Results,
    marker: Marker,
    before: Said | None,
    links: Links,
) -> None:
    links = msgspec.structs.replace(links, commit=pull.head)
    say(repository, pull.number, results_comment(judged, marker, links), before)
    context = status_context(marker.workspace)
    for commit in dict.fromkeys(filter(None, [pull.head, _merge(pull)])):
        repository.set_status(commit, judged.state, context, judged.verdict, links.run)
