"""All that is there at one moment, and the ways in which it can be wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import msgspec

from gitrain.desired import DesiredJob
from gitrain.observed import Phase, Run
from tests.promises.chaos.repository import GATE, MAY_LOSE, PROJECT
from tests.promises.chaos.world import World


class BrokenError(AssertionError):
    """A promise that was not kept."""


class DuplicateError(BrokenError):
    """Something ran twice."""


class OrphanError(BrokenError):
    """Something is there that nobody knows of."""


class PhantomError(BrokenError):
    """A plan has something to do although all is as it should be."""


class Look(msgspec.Struct, frozen=True):
    """All that is there at one moment."""

    runs: Mapping[str, Run]
    resources: Mapping[str, tuple[Any, ...]]
    accuracy: Mapping[str, float]

    @property
    def ours(self) -> dict[str, Run]:
        return {name: run for name, run in self.runs.items() if run.project == PROJECT}

    @property
    def clusters(self) -> dict[str, tuple[Any, ...]]:
        """Our own, by key."""
        return {
            key: value
            for key, value in self.resources.items()
            if key.startswith("cluster/") and value[0] == PROJECT
        }

    @property
    def foreign(self) -> tuple[Any, ...]:
        """What is other people's, in all that may not change."""
        runs = {
            name: (run.project, run.cause, run.tags, run.live, run.preempted)
            for name, run in self.runs.items()
            if run.project != PROJECT
        }
        others = {k: v for k, v in self.resources.items() if v and v[0] != PROJECT}
        theirs = ("environment/env-theirs/", "environment/shared/7")
        versions = {key for key in self.resources if key.startswith(theirs)}
        return runs, others, versions

    def by_digest(self) -> dict[tuple[str, str], list[Run]]:
        """Our runs of each digest of each job, in the order of their attempts."""
        found: dict[tuple[str, str], list[Run]] = defaultdict(list)
        for run in sorted(self.ours.values(), key=lambda run: run.attempt):
            found[run.job, run.digest].append(run)
        return dict(found)

    def of(self, job: DesiredJob) -> list[Run]:
        """The runs of this digest that gitrain itself did not cancel."""
        runs = self.by_digest().get((job.name, job.digest), [])
        return [run for run in runs if run.counts]

    def done(self, job: DesiredJob) -> bool:
        """Whether what comes after this job may begin."""
        last = self.of(job)[-1:]
        return any(run.phase is Phase.COMPLETED and self.passes(job, run) for run in last)

    def passes(self, job: DesiredJob, run: Run) -> bool:
        """Whether it reaches the bar, and is not much worse than the run before it, where the job
        asks for that."""
        own = self.accuracy.get(run.id, 0.0)
        before = [self.accuracy[one.id] for one in self.before(run)[-1:]]
        near = all(own >= accuracy - MAY_LOSE for accuracy in before)
        return {0: True, 1: own >= GATE, 2: own >= GATE and near}[len(job.spec.gates)]

    def before(self, run: Run) -> list[Run]:
        """Its job's completed runs of other digests, variants aside, in the order of their ends."""
        ended = [self.runs[name] for name in self.accuracy if self.runs[name].job == run.job]
        return [
            one
            for one in ended
            if one.project == PROJECT
            and one.digest != run.digest
            and one.phase is Phase.COMPLETED
            and not one.tags.variant
        ]


def look(world: World) -> Look:
    return Look(world.runs(), world.resources(), dict(world.accuracy))
