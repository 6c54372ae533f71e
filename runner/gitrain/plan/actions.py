"""Actions, and the plan they make up."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

import msgspec

from gitrain.diff import Change
from gitrain.errors import Location, Problem
from gitrain.gates import GateResult
from gitrain.observed import Run
from gitrain.plan.settings import Setting
from gitrain.workspace import Workspace


class Verb(StrEnum):
    """What an action does. All but the last three write."""

    CREATE = "create"
    REGISTER = "register"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    SUBMIT = "submit"
    CANCEL = "cancel"
    KEEP = "keep"
    WAITING = "waiting"
    BLOCKED = "blocked"

    @property
    def writes(self) -> bool:
        return self not in (Verb.KEEP, Verb.WAITING, Verb.BLOCKED)


SYMBOLS: Mapping[Verb, str] = {
    Verb.CREATE: "+",
    Verb.REGISTER: "+",
    Verb.UPDATE: "~",
    Verb.REPLACE: "-/+",
    Verb.DELETE: "-",
    Verb.SUBMIT: ">",
    Verb.CANCEL: "-",
    Verb.WAITING: "…",
    Verb.BLOCKED: "!",
}


class Health(StrEnum):
    """Whether what exists works."""

    HEALTHY = "Healthy"
    PROGRESSING = "Progressing"
    DEGRADED = "Degraded"
    SUSPENDED = "Suspended"
    MISSING = "Missing"
    UNKNOWN = "Unknown"


class Sync(StrEnum):
    """Whether what exists matches what is desired."""

    SYNCED = "Synced"
    OUT_OF_SYNC = "OutOfSync"
    UNKNOWN = "Unknown"


class Payload(Protocol):
    """What an action carries: a frozen struct of its kind's own type. The plan only creates it, and
    `apply` carries it out."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The environment variables needed to carry it out."""

    def carry_out(self, workspace: Workspace) -> None:
        """Do it; safe to repeat. Raises GitrainError when the workspace refuses or cannot be
        reached."""


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a plan: what happens to one resource, and why.

    `run` is the run that counts for a job, if there is one; `gates` and `story` say how it went.
    `run_id` is the run that the action submits, cancels or keeps. `fixed` are the paths among
    `changes` that need a replacement. `version` is set for a resource that has several versions.
    `needs` are the addresses of the actions that must succeed first. An action that writes has a
    `payload`.
    """

    verb: Verb
    kind: str
    name: str
    reason: str
    health: Health = Health.UNKNOWN
    changes: tuple[Change, ...] = ()
    fixed: tuple[str, ...] = ()
    run_id: str = ""
    digest: str = ""
    parts: Mapping[str, str] = {}
    location: Location | None = None
    run: Run | None = None
    story: str = ""
    gates: tuple[GateResult, ...] = ()
    version: str = ""
    needs: tuple[str, ...] = ()
    payload: Payload | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def address(self) -> str:
        """How the `needs` of other actions name this one: as `DesiredResource.address`."""
        return f"{self.key}:{self.version}" if self.version else self.key

    @property
    def sync(self) -> Sync:
        return Sync.SYNCED if self.verb is Verb.KEEP else Sync.OUT_OF_SYNC


class Unmanaged(msgspec.Struct, frozen=True):
    """A resource that this project owns and no manifest names any more, and its cost."""

    kind: str
    name: str
    reason: str


class Degraded(msgspec.Struct, frozen=True):
    """A job whose run failed, was canceled by a person, or missed a gate: one line, not drift."""

    kind: str
    name: str
    reason: str
    run_id: str


class Summary(msgspec.Struct, frozen=True):
    """How many rows of each sort; register counts as create."""

    create: int = 0
    update: int = 0
    replace: int = 0
    delete: int = 0
    submit: int = 0
    cancel: int = 0
    unchanged: int = 0
    waiting: int = 0
    blocked: int = 0

    @property
    def writes(self) -> int:
        return self.create + self.update + self.replace + self.delete + self.submit + self.cancel


class Reused(msgspec.Struct, frozen=True, kw_only=True):
    """A job that the branch changes and whose run already exists; `gpu_hours` is the upper bound of
    what that saves, None when it has none."""

    name: str
    run_id: str
    gpu_hours: float | None


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan is compared with: the revision `ref`, from which the branch forked at `fork`.

    `behind` counts the commits that only `ref` has. `pending` are the rows of its own plan that are
    not `keep`: they apply with or without the branch. `moved` are the keys of the resources that
    changed only on `ref` since then, `both` of those that changed on both sides. `reused` are the
    branch's own jobs that need no new run; `problems` are those of `ref`, with or without the
    branch.
    """

    ref: str
    commit: str
    fork: str
    behind: int = 0
    pending: tuple[Action, ...] = ()
    moved: tuple[str, ...] = ()
    both: tuple[str, ...] = ()
    reused: tuple[Reused, ...] = ()
    problems: tuple[Problem, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The ordered actions, and everything a reader needs to judge them.

    `gpu_hours` is an upper bound for the submits: timeout × instances × GPUs; None when one of
    them has no timeout or a size that is not known. `problems` are refusals: with one of them,
    nothing may be applied. `place` says where the workspace is, for people. With a `base` the
    actions are those that the branch adds, plus everything that is kept, and `settings` what it
    changes of gitrain.yaml.
    """

    project: str
    workspace: str
    place: str = ""
    commit: str = ""
    dirty: bool = False
    offline: str = ""
    base: Base | None = None
    actions: tuple[Action, ...]
    unmanaged: tuple[Unmanaged, ...] = ()
    gpu_hours: float | None = 0.0
    settings: tuple[Setting, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def weakened(self) -> tuple[Setting, ...]:
        """The settings that guarded more before."""
        return tuple(one for one in self.settings if one.weakens)

    @property
    def summary(self) -> Summary:
        counts = dict.fromkeys(Summary.__struct_fields__, 0)
        for action in self.actions:
            counts[_FIELD.get(action.verb, action.verb.value)] += 1
        return Summary(**counts)

    @property
    def settled(self) -> bool:
        """Whether there is nothing to do and nothing to wait for: only `keep`."""
        return all(action.verb is Verb.KEEP for action in self.actions)

    @property
    def writes(self) -> tuple[Action, ...]:
        return tuple(action for action in self.actions if action.verb.writes)

    @property
    def jobs(self) -> tuple[Action, ...]:
        """The row of each job; a cancel is about an older run."""
        rows = (action for action in self.actions if action.kind == "Job")
        return tuple(row for row in rows if row.verb is not Verb.CANCEL)

    @property
    def degraded(self) -> tuple[Degraded, ...]:
        return tuple(
            Degraded(action.kind, action.name, action.story, action.run_id)
            for action in self.actions
            if action.health is Health.DEGRADED and action.verb in (Verb.KEEP, Verb.UPDATE)
        )


_FIELD = {Verb.REGISTER: "create", Verb.KEEP: "unchanged"}
