"""From the runs of a workspace back to the pull requests that caused them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from gitrain.digest import digest
from gitrain.github.api import Repository
from gitrain.github.event import read_event
from gitrain.identity import RunId
from gitrain.observed import Metrics, Phase, Run
from gitrain.plan.actions import Health, Verb
from gitrain.plan.answers import answer
from gitrain.plan.before import previous_run
from gitrain.plan.options import Options
from gitrain.plan.runs import gate_results, health_of
from gitrain.project.opened import OpenedProject
from gitrain.pull_requests.planned import Planned, made_certain, planned_lately, say
from gitrain.pull_requests.text.marker import Marker
from gitrain.pull_requests.text.plan_comment import status_context
from gitrain.pull_requests.text.results_comment import JobResult, Results, results_comment
from gitrain.pull_requests.text.settled_status import settled_context, settled_state
from gitrain.report.compare import MetricsReport, metrics_of
from gitrain.report.markdown.links import Links
from gitrain.terminal.github_step import project_folder
from gitrain.terminal.invocation import Invocation

Answers = Mapping[RunId, Run | None]


class Resulting:
    """The runs of one workspace, judged as its plan judges them."""

    def __init__(self, opened: OpenedProject) -> None:
        self._opened = opened
        made = self.plan = opened.plan(Options())
        self.runs = opened.observed.runs
        self._due = {(row.name, row.digest) for row in made.actions if row.verb is Verb.SUBMIT}
        self._jobs = {job.name: job for job in opened.desired.jobs}
        self._metrics: dict[str, Metrics] = {}

    def ran(self, planned: Planned) -> bool:
        """Whether anything in its plan has a run, no matter who asked for it."""
        return any(answer(named, self.runs) for named in self._named(planned))

    def _named(self, planned: Planned) -> Iterator[RunId]:
        project = self._opened.desired.project
        return filter(None, (RunId.parse(project, run) for run in planned.plan.runs))

    def answers(self, planned: Planned) -> Answers:
        """For each run in its plan, the existing run, if any. Empty while nobody asked for one."""
        pull = planned.pull
        merged = pull.merged_at.isoformat() if pull and pull.merged_at else ""
        found = {named: answer(named, self.runs, merged) for named in self._named(planned)}
        runs = [run for run in found.values() if run]
        # Before the merge only variants belong to the pull request; closed unmerged, nothing does.
        asked = bool(merged) or (pull is None and any(run.tags.variant for run in runs))
        return found if asked and runs else {}

    def results(self, answers: Answers, unnamed: int) -> Results:
        return Results(
            jobs=tuple(self._answered(named, run) for named, run in answers.items() if run),
            missing=tuple(named.job for named, run in answers.items() if run is None),
            unnamed=unnamed,
        )

    def _answered(self, named: RunId, run: Run) -> JobResult:
        judged = self._judged(run)
        if run.digest == named.digest:
            return judged
        story = f"{judged.story}; instead of {named.digest}, since the base has changed"
        return msgspec.structs.replace(judged, story=story)

    def _judged(self, run: Run) -> JobResult:
        job = self._jobs.get(run.job)
        runs = [other for other in self.runs if other.job == run.job]
        before = previous_run(run.digest, runs)
        if run.phase is Phase.COMPLETED:
            self._measure(run, *filter(None, [before]))
        gates = gate_results(job, run, runs, self._metrics) if job else ()
        health, story = health_of(run, gates)
        if (run.job, run.digest) in self._due and not run.live:
            return JobResult(run=run, health=Health.PROGRESSING, story=f"{story}; will run again")
        return JobResult(
            run=run, health=health, story=story, gates=gates, metrics=self._report(run, before)
        )

    def _measure(self, *runs: Run) -> None:
        for run in runs:
            if run.id not in self._metrics:
                self._metrics[run.id] = self._opened.workspace.metrics(run)

    def _report(self, run: Run, before: Run | None) -> MetricsReport | None:
        if run.phase.live:
            return None
        self._measure(run)
        earlier = self._metrics.get(before.id, {}) if before else {}
        return metrics_of(run.job, run, self._metrics[run.id], before, earlier)


def say_results(invocation: Invocation, repository_name: str | None, days: float) -> int:
    """Report news about the runs on each pull request. Takes three requests when there is none."""
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
            links = Links(web=event.web, commit=planned.head, folder=folder, run=event.run)
            if line := _said(repository, resulting, planned, links):
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


def _said(repository: Repository, resulting: Resulting, planned: Planned, links: Links) -> str:
    """What was reported, in one line; "" if there is nothing new."""
    if not (planned.certain or planned.said) and resulting.ran(planned):
        planned = made_certain(repository, planned)
    answers = resulting.answers(planned)
    pull = planned.pull
    marker = Marker(
        kind="results",
        workspace=planned.plan.workspace,
        folder=planned.plan.folder,
        runs=tuple(run.id for run in answers.values() if run),
        facts={
            "of": digest(sorted((named.job, named.digest) for named in answers)),
            "merge": pull.merge if pull else "",
            "over": "yes",
        },
    )
    before = next((one for one in planned.said if one.marker.matches(marker)), None)
    if not answers or (before and _same(before.marker, marker)):
        return ""
    results = resulting.results(answers, planned.plan.more)
    facts = {**marker.facts, "state": results.state, "over": "yes" if results.over else ""}
    marker = msgspec.structs.replace(marker, facts={k: v for k, v in facts.items() if v})
    if not results.state or (before and before.marker == marker):
        return ""
    say(repository, planned.number, results_comment(results, marker, links), before)
    context = status_context(marker.workspace)
    for commit in dict.fromkeys(filter(None, [planned.head, pull.merge if pull else ""])):
        repository.set_status(commit, results.state, context, results.verdict, links.run)
    return f"#{planned.number}: {results.state}: {results.verdict}"


def _same(before: Marker, now: Marker) -> bool:
    """Whether everything had finished and was reported the last time."""
    facts = ("over", "merge")
    return before.runs == now.runs and all(
        before.facts.get(fact, "") == now.facts.get(fact, "") for fact in facts
    )
