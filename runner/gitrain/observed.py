"""What a workspace reports: clusters, environments, runs and their metrics."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from gitrain.assets import cluster_of
from gitrain.identity import Identity
from gitrain.manifest import ClusterSpec


class Phase(StrEnum):
    """Where a run is in its life. The last three are final."""

    QUEUED = "queued"
    PREPARING = "preparing"
    RUNNING = "running"
    FINISHING = "finishing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELED = "canceled"

    @property
    def live(self) -> bool:
        return self not in (Phase.COMPLETED, Phase.FAILED, Phase.CANCELED)


class Cause(StrEnum):
    """Who asked for a cancel, recorded before the cancel is sent."""

    SUPERSEDED = "superseded"
    PRUNED = "pruned"
    PERSON = "person"

    @property
    def ours(self) -> bool:
        """Whether gitrain itself canceled: such a run counts as if it had never run."""
        return self is not Cause.PERSON


class ClusterState(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster as the workspace reports it.

    `reported` names the fields of `spec` that the workspace reports: only those are compared.
    `labels` and `description` are set at creation; `active_runs` counts the runs that use it now.
    """

    name: str
    spec: ClusterSpec
    reported: frozenset[str]
    project: str = ""
    labels: Mapping[str, str] = {}
    description: str = ""
    active_runs: int = 0
    state: str = ""


class EnvironmentState(msgspec.Struct, frozen=True, kw_only=True):
    """The existing versions of one environment name."""

    name: str
    versions: frozenset[str]


class Point(msgspec.Struct, frozen=True, array_like=True):
    """One value of a metric; `step` is an epoch or a step, counted by the run."""

    step: int
    value: float


Series = tuple[Point, ...]
Metrics = Mapping[str, Series]


class Tags(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What may change on a run after it is submitted."""

    labels: Mapping[str, str] = {}
    description: str = ""
    display_name: str = ""
    variant: bool = False


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One execution of a job.

    `adopted_id` is the id of an adopted run, whose `identity` is what it was adopted as. `cause`
    says who asked for a cancel, also while the run is still live. A `preempted` run has lost its
    machine and continues as the same run when it is submitted again. `outputs` maps the names of an
    adopted run's outputs to paths. `reason` explains a phase to a person. Times are RFC 3339, UTC.
    """

    identity: Identity
    phase: Phase
    cause: Cause | None = None
    preempted: bool = False
    adopted_id: str = ""
    forced: bool = False
    tags: Tags = Tags()
    commit: str = ""
    dirty: bool = False
    outputs: Mapping[str, str] = {}
    exit_code: int | None = None
    submitted_at: str = ""
    started_at: str = ""
    ended_at: str = ""
    link: str = ""
    reason: str = ""

    @property
    def id(self) -> str:
        """What the workspace calls it."""
        return self.adopted_id or self.identity.run_id

    @property
    def project(self) -> str:
        return self.identity.project

    @property
    def job(self) -> str:
        return self.identity.job

    @property
    def digest(self) -> str:
        return self.identity.digest

    @property
    def attempt(self) -> int:
        return self.identity.attempt

    @property
    def compute(self) -> str:
        """The cluster it uses; "" without one."""
        return cluster_of(str(self.identity.placement.get("compute", "")))

    @property
    def adopted(self) -> bool:
        return bool(self.adopted_id)

    @property
    def live(self) -> bool:
        """Whether it runs, or will run without further action; a preempted run does neither."""
        return self.phase.live and not self.preempted

    @property
    def counts(self) -> bool:
        """Whether it counts for its digest: every run does, unless gitrain itself canceled it."""
        return not (self.phase is Phase.CANCELED and self.cause is not None and self.cause.ours)


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the workspace reported at one moment.

    `runs` are the project's runs that were asked about, in any order: those that live, also of jobs
    that are no longer in the manifests, and of what ended at least what a plan needs.
    `foreign_runs` are the ids asked for whose runs exist but are not the project's.
    `metrics` has the series of the runs that gates read, by run id; a run that is missing there was
    not asked about, and its gates are not evaluated. `others` are the states of resources of other
    kinds, by kind and name, each of its kind's own type.
    """

    clusters: Mapping[str, ClusterState] = {}
    environments: Mapping[str, EnvironmentState] = {}
    runs: tuple[Run, ...] = ()
    foreign_runs: frozenset[str] = frozenset()
    metrics: Mapping[str, Metrics] = {}
    notes: tuple[str, ...] = ()
    others: Mapping[str, Mapping[str, Any]] = {}
