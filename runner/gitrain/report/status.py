"""The state of each resource: the plan, seen from what exists."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from gitrain.gates import GateResult, parse_gate
from gitrain.observed import Metrics, Run
from gitrain.plan.actions import Action, Health, Plan, Sync, Verb
from gitrain.report.sentences import headline


class StatusRow(msgspec.Struct, frozen=True, kw_only=True):
    """One resource. `run` is the run that counts for a job; `metrics` are its last values, by name;
    None stands for a value that is not a number."""

    kind: str
    name: str
    verb: Verb
    sync: Sync
    health: Health
    reason: str
    run: Run | None = None
    metrics: Mapping[str, float | None] = {}
    gates: tuple[GateResult, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.name}"

    def foremost(self, most: int = 3) -> tuple[str, ...]:
        """The metrics to show where space is short: those of gates, else the first few."""
        gated = dict.fromkeys(parse_gate(gate.expression).metric for gate in self.gates)
        return tuple(n for n in gated if n in self.metrics) or tuple(sorted(self.metrics)[:most])


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """All resources of a workspace, in the order of the plan; `headline` says which workspace,
    `notes` what could not be read of runs."""

    project: str
    workspace: str
    headline: str
    rows: tuple[StatusRow, ...]
    notes: tuple[str, ...] = ()


def status_of(plan: Plan, metrics: Mapping[str, Metrics], notes: tuple[str, ...] = ()) -> Status:
    """One row per resource; `metrics` has the series of runs, by run id, `notes` what they lack."""
    rows: dict[str, Action] = {}
    for action in plan.actions:
        # A cancel is about an older run: the job's own row says how the job is doing.
        if action.verb is not Verb.CANCEL or action.address not in rows:
            rows[action.address] = action
    return Status(
        project=plan.project,
        workspace=plan.workspace,
        headline=headline(plan),
        rows=tuple(_row(action, metrics) for action in rows.values()),
        notes=notes,
    )


def _row(action: Action, metrics: Mapping[str, Metrics]) -> StatusRow:
    found = metrics.get(action.run.id, {}) if action.run else {}
    return StatusRow(
        kind=action.kind,
        name=action.name,
        verb=action.verb,
        sync=action.sync,
        health=action.health,
        reason=action.reason,
        run=action.run,
        metrics={name: finite(series[-1].value) for name, series in found.items() if series},
        gates=action.gates,
    )


def finite(metric: float | None) -> float | None:
    """A number that JSON can express, else None."""
    return metric if metric is not None and math.isfinite(metric) else None
