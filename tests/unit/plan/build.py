"""Small projects in memory: the factories take only what matters to a test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from gitrain.apply import apply
from gitrain.desired import Desired
from gitrain.document import Document, Files, Manifests, Marks
from gitrain.errors import Location
from gitrain.manifest import (
    Cluster,
    Environment,
    Job,
    Policy,
    Project,
    ProjectMetadata,
    ProjectSpec,
)
from gitrain.observed import Phase, Point
from gitrain.plan.actions import Action, Plan, Verb
from gitrain.plan.make import plan
from gitrain.plan.options import Options
from gitrain.reconcile import Loop, observe
from gitrain.resolve import Checkout, resolve
from gitrain.workspace_types import TYPES
from gitrain.workspaces.memory import MemoryWorkspace
from tests.runs import an_adoption

KINDS = {"Job": Job, "Cluster": Cluster, "Environment": Environment}


def document(kind: str, name: str, spec: Mapping[str, Any], **metadata: Any) -> Document:
    value = {
        "apiVersion": "gitrain/v1",
        "kind": kind,
        "metadata": {"name": name, **metadata},
        "spec": spec,
    }
    file = f"jobs/{name}.yaml"
    return Document(msgspec.convert(value, KINDS[kind]), file, Marks({(): Location(file)}))


def a_job(
    name: str, command: str = "true", *, metadata: Mapping[str, Any] | None = None, **spec: Any
) -> Document:
    return document("Job", name, {"command": command, **spec}, **(metadata or {}))


def a_cluster(
    name: str = "gpu", *, metadata: Mapping[str, Any] | None = None, **spec: Any
) -> Document:
    spec = {"size": "Standard_NC4as_T4_v3", "max_instances": 4, **spec}
    return document("Cluster", name, spec, **(metadata or {}))


def an_environment(
    name: str = "env", *, metadata: Mapping[str, Any] | None = None, **spec: Any
) -> Document:
    return document("Environment", name, spec or {"image": "python:3.11"}, **(metadata or {}))


def desired(
    *documents: Document,
    kind: str = "azureml",
    project: str = "pets",
    policy: Policy | None = None,
    trees: Mapping[str, str] | None = None,
    unsupported: int = 0,
    variants: frozenset[str] = frozenset(),
) -> Desired:
    spec = ProjectSpec(workspaces={"w": TYPES[kind].spec()}, policy=policy or Policy())
    manifests = Manifests(
        project=Project(apiVersion="gitrain/v1", metadata=ProjectMetadata(name=project), spec=spec),
        by_workspace={"w": documents},
        unsupported=unsupported,
    )
    files = Files(trees=trees or {})
    return resolve(manifests, "w", files, checkout=Checkout("c0ffee"), variants=variants)


class World:
    """A memory workspace, and the one way to plan and apply in it."""

    def __init__(self) -> None:
        self.workspace = MemoryWorkspace()

    def plan(self, wanted: Desired, **options: Any) -> Plan:
        return plan(wanted, observe(self.workspace, wanted), Options(**options))

    def reconcile(self, wanted: Desired, **options: Any) -> Plan:
        made = self.plan(wanted, **options)
        assert all(outcome.result == "done" for outcome in apply(made, self.workspace))
        return made

    def end(self, job: str, phase: Phase = Phase.COMPLETED, **metrics: float) -> None:
        """Let every live run of a job end."""
        for run in [r for r in self.workspace.runs.values() if r.job == job and r.live]:
            for name, value in metrics.items():
                self.workspace.series.setdefault(run.id, {})[name] = [Point(1, value)]
            self.workspace.go(run.id, phase, exit_code=0 if phase is Phase.COMPLETED else 1)

    def foreign_cluster(self, name: str = "gpu", **spec: Any) -> None:
        """A cluster that something else made."""
        self.workspace.create_cluster(desired(a_cluster(name, **spec)).clusters[0], "")

    def loop(self, wanted: Desired, **given: Any) -> Loop:
        """A loop that plans this, from what exists at each moment."""
        return Loop(self.workspace, lambda: self.plan(wanted), **given)

    def adopt(self, wanted: Desired, job: str, run_id: str, **outputs: str) -> None:
        """Record that a run is this job's digest."""
        one = next(j for j in wanted.jobs if j.name == job)
        self.workspace.adopt(
            an_adoption(run_id, identity=one.identity(wanted.project, 1), outputs=outputs)
        )

    def runs(self, job: str) -> list[str]:
        return [f"{r.attempt}:{r.phase}" for r in self.workspace.runs.values() if r.job == job]


def row(made: Plan, name: str, kind: str = "Job") -> Action:
    """The row of a resource that is not a cancel."""
    [found] = [
        a for a in made.actions if (a.kind, a.name) == (kind, name) and a.verb is not Verb.CANCEL
    ]
    return found


def verbs(made: Plan) -> list[str]:
    return [f"{action.verb} {action.name}" for action in made.actions]
