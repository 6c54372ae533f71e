"""Datasets in the plan: how one is compared, and what its actions carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import msgspec

from gitrain.desired import Desired, DesiredAsDeclared
from gitrain.diff import Change
from gitrain.observed import Observed
from gitrain.plan.actions import Action, Health, Unmanaged, Verb
from gitrain.plan.kind import InPlan
from gitrain.plan.options import Options
from gitrain.plan.reasons import changes
from gitrain.workspace import Workspace
from tests.promises.dataset.manifest import DatasetSpec
from tests.promises.dataset.place import DatasetState, Place


class Write(msgspec.Struct, frozen=True):
    name: str
    state: DatasetState
    secrets: tuple[str, ...] = ()

    def carry_out(self, workspace: Workspace) -> None:
        cast(Place, workspace).write(self.name, self.state)


class Drop(msgspec.Struct, frozen=True):
    name: str
    secrets: tuple[str, ...] = ()

    def carry_out(self, workspace: Workspace) -> None:
        cast(Place, workspace).drop(self.name)


class Datasets(InPlan[DesiredAsDeclared]):
    """Written when missing, rewritten when of another size, dropped by `--prune`."""

    def completed(self, desired: Desired, observed: Observed) -> Observed:
        states = {one.name: _state(desired, one) for one in self.among(desired)}
        return msgspec.structs.replace(observed, others={**observed.others, self.kind: states})

    def rows(
        self, desired: Desired, observed: Observed, options: Options, earlier: Sequence[Action]
    ) -> list[Action]:
        exist = self._existing(observed)
        return [_row(one, _state(desired, one), exist.get(one.name)) for one in self.among(desired)]

    def deletes(self, desired: Desired, observed: Observed) -> Iterator[Action]:
        for name in self._removed(desired, observed):
            yield Action(
                verb=Verb.DELETE,
                kind=self.kind,
                name=name,
                reason="no manifest names it",
                payload=Drop(name),
            )

    def unmanaged(self, desired: Desired, observed: Observed) -> Iterator[Unmanaged]:
        for name in self._removed(desired, observed):
            yield Unmanaged(self.kind, name, "no manifest names it")

    def owned(self, desired: Desired, observed: Observed) -> int:
        return sum(one.project == desired.project for one in self._existing(observed).values())

    def takes_along(self, one: DesiredAsDeclared) -> Iterator[str]:
        if parent := cast(DatasetSpec, one.spec).parent:
            yield f"{self.kind}/{parent}"

    def _existing(self, observed: Observed) -> Mapping[str, DatasetState]:
        return cast(Mapping[str, DatasetState], observed.others.get(self.kind, {}))

    def _removed(self, desired: Desired, observed: Observed) -> Iterator[str]:
        named = {one.name for one in self.among(desired)}
        for name, state in sorted(self._existing(observed).items()):
            if name not in named and state.project == desired.project:
                yield name


def _state(desired: Desired, one: DesiredAsDeclared) -> DatasetState:
    return DatasetState(desired.project, cast(DatasetSpec, one.spec).rows)


def _row(one: DesiredAsDeclared, wanted: DatasetState, state: DatasetState | None) -> Action:
    different = (
        (Change("rows", state.rows, wanted.rows),) if state and state.rows != wanted.rows else ()
    )
    verb = Verb.UPDATE if different else Verb.KEEP
    return Action(
        verb=verb if state else Verb.CREATE,
        kind=one.kind,
        name=one.name,
        reason=changes(different) or f"{wanted.rows} rows",
        health=Health.HEALTHY if state else Health.MISSING,
        changes=different,
        location=one.location,
        payload=None if state and not different else Write(one.name, wanted),
    )
