"""Which runs answer to a pull request, and what they came to. Pure.

What a comment names is a claim: others can write comments, and edit ours. It is compared with what
the pull request's own commit computes, and only that decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from gitrain.desired import Desired, DesiredJob
from gitrain.identity import RunId
from gitrain.observed import Metrics, Phase, Run
from gitrain.plan.actions import Health
from gitrain.plan.answers import answer
from gitrain.plan.before import previous_run
from gitrain.plan.runs import gate_results, health_of
from gitrain.pull_requests.text.marker import Marker
from gitrain.pull_requests.text.results_comment import JobResult, Results
from gitrain.report.compare import metrics_of

Answers = Mapping[RunId, Run | None]
Due = frozenset[tuple[str, str]]
"""The jobs, with their digest, of which the next reconcile submits a run."""


class Computed(msgspec.Struct, frozen=True, kw_only=True):
    """What a pull request's commit computes, by its own manifests.

    `sides` are the jobs of each commit whose runs may answer, by name: before the merge those of
    the head and of its merge, the last one first to be asked; after it those of the merge. `own`
    are the jobs that the base does not compute: each of them needs a run before the merge.
    """

    project: str
    sides: tuple[Mapping[str, DesiredJob], ...]
    own: tuple[str, ...] = ()

    @property
    def jobs(self) -> Mapping[str, DesiredJob]:
        """As the merge has them, where Git could make it."""
        return self.sides[-1]

    def computes(self, named: RunId) -> bool:
        return any(
            (job := side.get(named.job)) is not None and job.digest == named.digest
            for side in self.sides
        )

    def run(self, job: str) -> RunId:
        """The first run of a job as it is computed."""
        return RunId(self.project, job, self.jobs[job].digest, 1)


def before_merge(base: Desired, *sides: Desired) -> Computed:
    """Of an open pull request: the head's desired state, and its merge's where there is one."""
    theirs = {job.name: job.digest for job in base.jobs}
    jobs = sides[-1].jobs
    own = (j.name for j in jobs if theirs.get(j.name) != j.digest and not j.spec.suspend)
    return Computed(project=base.project, sides=tuple(map(_by_name, sides)), own=tuple(own))


def after_merge(merge: Desired) -> Computed:
    return Computed(project=merge.project, sides=(_by_name(merge),))


def _by_name(desired: Desired) -> Mapping[str, DesiredJob]:
    return {job.name: job for job in desired.jobs}


def claimed(plan: Marker, project: str) -> tuple[RunId, ...]:
    """The runs that a plan's comment names."""
    return tuple(filter(None, (RunId.parse(project, run) for run in plan.runs)))


def named(
    claims: Iterable[RunId], computed: Computed, *, merged: bool
) -> tuple[tuple[RunId, ...], tuple[RunId, ...]]:
    """The runs that answer to a pull request, and the claims that are refused.

    Before the merge a claim that the commit does not compute is refused, and what it computes and
    nobody claimed is added. A merge may compute something else than its plan said, when its base
    had moved on: then a job's claim is for what the merge made of it.
    """
    taken: dict[RunId, None] = {}
    refused: list[RunId] = []
    for claim in claims:
        if computed.computes(claim):
            taken[claim] = None
        elif merged and claim.job in computed.jobs:
            taken[computed.run(claim.job)] = None
        else:
            refused.append(claim)
    answered = {one.job for one in taken}
    taken |= {computed.run(job): None for job in computed.own if job not in answered}
    return tuple(taken), tuple(refused)


def answers(
    names: Iterable[RunId], runs: Sequence[Run], *, merged_at: str = "", closed: bool = False
) -> Answers:
    """By what is named: the run that there is of it. Empty while nobody asked for one.

    Before the merge only a variant is the pull request's own; `closed` without one, nothing is.
    """
    found = {one: answer(one, runs, merged_at) for one in names}
    there = [run for run in found.values() if run]
    asked = bool(merged_at) or (not closed and any(run.tags.variant for run in there))
    return found if asked and there else {}


def to_measure(found: Answers, runs: Sequence[Run]) -> Iterator[Run]:
    """The runs whose metrics the verdict needs: those that have ended, and each one before."""
    for run in filter(None, found.values()):
        if not run.phase.live:
            yield run
            if run.phase is Phase.COMPLETED and (before := _before(run, runs)):
                yield before


def results(
    found: Answers,
    jobs: Mapping[str, DesiredJob],
    runs: Sequence[Run],
    metrics: Mapping[str, Metrics],
    due: Due,
) -> Results:
    """What the answers came to; `metrics` are those of the runs `to_measure`, by run id."""

    def one(name: RunId, run: Run) -> JobResult:
        judged = _judged(run, jobs.get(run.job), runs, metrics, due)
        if run.digest == name.digest:
            return judged
        story = f"{judged.story}; instead of {name.digest}, since the base has changed"
        return msgspec.structs.replace(judged, story=story)

    return Results(
        jobs=tuple(one(name, run) for name, run in found.items() if run),
        missing=tuple(name.job for name, run in found.items() if run is None),
    )


def _judged(
    run: Run,
    job: DesiredJob | None,
    runs: Sequence[Run],
    metrics: Mapping[str, Metrics],
    due: Due,
) -> JobResult:
    others = [other for other in runs if other.job == run.job]
    gates = gate_results(job, run, others, metrics) if job else ()
    health, story = health_of(run, gates)
    if (run.job, run.digest) in due and not run.live:
        return JobResult(run=run, health=Health.PROGRESSING, story=f"{story}; will run again")
    report = None
    if not run.phase.live:
        before = _before(run, runs)
        earlier = metrics.get(before.id, {}) if before else {}
        report = metrics_of(run.job, run, metrics.get(run.id, {}), before, earlier)
    return JobResult(run=run, health=health, story=story, gates=gates, metrics=report)


def _before(run: Run, runs: Iterable[Run]) -> Run | None:
    return previous_run(run.digest, (other for other in runs if other.job == run.job))


def is_said(before: Marker, runs: Sequence[Run], merge: str) -> bool:
    """Whether all had ended when it was said last, for the same merge, and nothing ran since."""
    over = before.facts.get("over") and before.facts.get("merge", "") == merge
    by_id = {run.id: run for run in runs}
    return bool(over) and all(
        run and answer(RunId(run.project, run.job, run.digest, run.attempt), runs) == run
        for run in map(by_id.get, before.runs)
    )
