"""The JSON outputs: their types, from which their schemas are generated, and how they are written.

Every key is always present. A missing value is null, never an empty string or NaN. Times are
RFC 3339, UTC. Within `format_version` 1 keys are only added.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gitrain.apply import Result
from gitrain.errors import Severity
from gitrain.observed import Phase
from gitrain.plan.actions import Health, Sync, Verb

FormatVersion = Literal[1]
Time = Annotated[str, Meta(description="RFC 3339, UTC.")]


class Output(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all outputs: no field has a default, so none can be omitted."""


class SourceOutput(Output, frozen=True, kw_only=True):
    """Where a resource is declared, relative to the project's root."""

    file: str
    line: int


class ChangeOutput(Output, frozen=True, kw_only=True):
    """One field that differs; null for a side that lacks it."""

    path: str
    old: Any
    new: Any


class ProblemOutput(Output, frozen=True, kw_only=True):
    """One problem; `code` is stable."""

    severity: Severity
    code: str
    message: str
    file: str | None
    line: int | None
    column: int | None
    path: str | None
    suggestion: str | None


class ActionOutput(Output, frozen=True, kw_only=True):
    """One row of a plan, including rows that do nothing."""

    action: Verb
    kind: str
    name: str
    reason: str
    changes: tuple[ChangeOutput, ...]
    run_id: str | None
    digest: str | None
    parts: Mapping[str, str]
    source: SourceOutput | None


class SummaryOutput(Output, frozen=True, kw_only=True):
    """How many rows of each sort; register counts as create."""

    create: int
    update: int
    replace: int
    delete: int
    submit: int
    cancel: int
    unchanged: int
    waiting: int
    blocked: int


class DegradedOutput(Output, frozen=True, kw_only=True):
    """A job whose run failed, was canceled by a person, or missed a gate."""

    kind: str
    name: str
    reason: str
    run_id: str | None


class UnmanagedOutput(Output, frozen=True, kw_only=True):
    """A resource that the project owns and no manifest names."""

    kind: str
    name: str
    reason: str


class ResourceKey(Output, frozen=True, kw_only=True):
    """The name of a resource."""

    kind: str
    name: str


class ReusedOutput(Output, frozen=True, kw_only=True):
    """A job of the branch whose run already exists; `gpu_hours` is the most that this saves."""

    name: str
    run_id: str
    gpu_hours: float | None


class BaseOutput(Output, frozen=True, kw_only=True):
    """What `--base` compares with: `commit`, from which the branch forked at `fork` and is `behind`
    by that many commits.

    `pending` are rows of the base's own plan, which apply with or without the branch; `moved` is
    what changed only on the base, `both` what changed on both sides. `problems` are the base's.
    """

    ref: str
    commit: str
    fork: str
    behind: int
    pending: tuple[ActionOutput, ...]
    moved: tuple[ResourceKey, ...]
    both: tuple[ResourceKey, ...]
    reused: tuple[ReusedOutput, ...]
    problems: tuple[ProblemOutput, ...]


class PlanOutput(Output, frozen=True, kw_only=True):
    """What `plan -o json` prints. `gpu_hours` is null when the submits have no upper bound.

    `base` is null without --base; with it, `actions` are what the branch adds and what is kept.
    """

    format_version: FormatVersion
    project: str
    workspace: str
    commit: str | None
    dirty: bool
    summary: SummaryOutput
    gpu_hours: float | None
    actions: tuple[ActionOutput, ...]
    degraded: tuple[DegradedOutput, ...]
    unmanaged: tuple[UnmanagedOutput, ...]
    notes: tuple[str, ...]
    problems: tuple[ProblemOutput, ...]
    base: BaseOutput | None


class OutcomeOutput(Output, frozen=True, kw_only=True):
    """The result of one action."""

    kind: str
    name: str
    action: Verb
    result: Result
    message: str | None
    run_id: str | None


class ReconcileOutput(PlanOutput, frozen=True, kw_only=True):
    """What `reconcile -o json` prints: the first plan, and the outcome of every action."""

    outcomes: tuple[OutcomeOutput, ...]


class ValidateOutput(Output, frozen=True, kw_only=True):
    """What `validate -o json` prints, and any command that stops before it has a plan."""

    format_version: FormatVersion
    valid: bool
    problems: tuple[ProblemOutput, ...]


class RunOutput(Output, frozen=True, kw_only=True):
    """The run that counts for a job."""

    id: str
    digest: str
    attempt: int
    phase: Phase
    commit: str | None
    dirty: bool
    link: str | None
    submitted_at: Time | None
    started_at: Time | None
    ended_at: Time | None
    exit_code: int | None


class GateOutput(Output, frozen=True, kw_only=True):
    """The result of a gate; `threshold` is null when there is no previous run."""

    expression: str
    value: float | None
    threshold: float | None
    passed: bool


class ResourceOutput(Output, frozen=True, kw_only=True):
    """One resource; `metrics` are the last values of its run."""

    kind: str
    name: str
    sync: Sync
    health: Health
    reason: str
    run: RunOutput | None
    metrics: Mapping[str, float | None]
    gates: tuple[GateOutput, ...]


class StatusOutput(Output, frozen=True, kw_only=True):
    """What `status -o json` prints."""

    format_version: FormatVersion
    project: str
    workspace: str
    resources: tuple[ResourceOutput, ...]


class FilesOutput(Output, frozen=True, kw_only=True):
    """What `outputs JOB -o json` prints: the files of a run, and where they were downloaded to."""

    format_version: FormatVersion
    job: str
    run_id: str
    files: tuple[str, ...]
    downloaded: tuple[str, ...]


class PointOutput(Output, frozen=True, kw_only=True):
    """One value of a metric."""

    step: int
    value: float | None


class MetricOutput(Output, frozen=True, kw_only=True):
    """A metric's last value, compared with that of the previous run."""

    name: str
    value: float | None
    previous: float | None
    change: float | None
    history: tuple[PointOutput, ...]


class MetricsOutput(Output, frozen=True, kw_only=True):
    """What `metrics JOB -o json` prints."""

    format_version: FormatVersion
    job: str
    run_id: str
    digest: str
    previous_run_id: str | None
    metrics: tuple[MetricOutput, ...]
