"""A small project in a memory workspace: values in, a plan out, as the commands make it."""

from __future__ import annotations

from typing import Any

import msgspec

from gitrain.desired import (
    Definition,
    Desired,
    DesiredCluster,
    DesiredEnvironment,
    DesiredJob,
    Text,
)
from gitrain.errors import Location
from gitrain.kinds import KINDS
from gitrain.manifest import ClusterSpec, JobSpec, Limits, Metadata, Policy
from gitrain.observed import Phase
from gitrain.plan.actions import Action, Base, Plan
from gitrain.plan.against import plan_against
from gitrain.plan.make import plan
from gitrain.plan.merge import Sides, either
from gitrain.plan.options import Options
from gitrain.reconcile import Loop, Reconciled, observe
from gitrain.report.status import Status, status_of
from gitrain.workspaces.memory import MemoryWorkspace

DIGITS = "9f2c1d3e4a5b"


def a_cluster(name: str = "gpu-cluster", **spec: Any) -> DesiredCluster:
    spec = {"size": "Standard_NC4as_T4_v3", "max_instances": 4, **spec}
    place = Location(f"jobs/clusters/{name}.yaml", 1, 1)
    return DesiredCluster(name=name, metadata=Metadata(), spec=ClusterSpec(**spec), location=place)


def an_environment(name: str = "fastai", version: str = "0123456789ab") -> DesiredEnvironment:
    return DesiredEnvironment(
        name=name,
        metadata=Metadata(),
        version=version,
        definition=Definition(image="python:3.11"),
        location=Location(f"jobs/environments/{name}.yaml", 1, 1),
    )


def a_job(
    name: str = "fastai-digits",
    digest: str = DIGITS,
    *,
    inputs: dict[str, str] | None = None,
    upstream: tuple[str, ...] = (),
    metadata: Metadata | None = None,
    **spec: Any,
) -> DesiredJob:
    spec = {"command": "python train.py", "limits": Limits(timeout=3600), **spec}
    texts = {"epochs": "8"} if inputs is None else inputs
    return DesiredJob(
        name=name,
        metadata=metadata or Metadata(),
        spec=JobSpec(inputs=texts, compute="gpu-cluster", **spec),
        digest=digest,
        canonical={"command": spec["command"], "inputs": texts},
        placement={"compute": "gpu-cluster", "limits.timeout": spec["limits"].timeout},
        parts={"code": "4b825dc642cb6eb9a060e54bf8d69288fbee4904"},
        inputs={key: Text(text) for key, text in texts.items()},
        upstream=upstream,
        location=Location(f"jobs/{name}.yaml", 1, 1),
    )


def desired(*things: DesiredCluster | DesiredEnvironment | DesiredJob, **fields: Any) -> Desired:
    fields = {"commit": "1a2b3c4d5e6f", "policy": Policy(), **fields}
    return Desired(
        project="pets",
        workspace="azure",
        kind="memory",
        resources={kind: tuple(t for t in things if t.kind == kind) for kind in KINDS},
        **fields,
    )


class Place:
    """A workspace in memory at rg-ml/pets-prod."""

    def __init__(self) -> None:
        self.workspace = MemoryWorkspace()

    def plan(self, wanted: Desired, **options: Any) -> Plan:
        made = plan(wanted, observe(self.workspace, wanted), Options(**options))
        return msgspec.structs.replace(made, place="rg-ml/pets-prod")

    def reconcile(self, wanted: Desired, **options: Any) -> Reconciled:
        first = self.plan(wanted, **options)
        return Loop(self.workspace, lambda: self.plan(wanted)).once(first)

    def end(self, job: str, phase: Phase = Phase.COMPLETED, **metrics: float) -> None:
        """Let the live runs of a job end, with these metrics at step 1."""
        for run in list(self.workspace.runs.values()):
            if run.job == job and run.live:
                self.workspace.log(run.id, 1, **metrics)
                code = 0 if phase is Phase.COMPLETED else 1
                self.workspace.go(run.id, phase, exit_code=code)

    def status(self, wanted: Desired) -> Status:
        metrics = {run.id: self.workspace.metrics(run) for run in self.workspace.runs.values()}
        return status_of(self.plan(wanted), metrics)


def row(made: Plan, key: str) -> Action:
    """The last row of a resource: a job's own, after those of its older runs."""
    return [action for action in made.actions if action.key == key][-1]


def a_full_plan() -> Plan:
    """Every kind of row but replace and delete, and every section."""
    place = Place()
    before = desired(
        a_cluster(max_instances=2),
        a_cluster("old-cluster", min_instances=1),
        a_job(),
        a_job("broken", "bbbbbbbbbbbb"),
        a_job("live", "cccccccccccc"),
    )
    place.reconcile(before)
    place.end("fastai-digits", accuracy=0.9)
    place.end("broken", Phase.FAILED)
    after = desired(
        a_cluster(),
        a_cluster("new-cluster", size="Standard_DS3_v2"),
        an_environment(),
        a_job(digest="eeeeeeeeeeee", inputs={"epochs": "9"}),
        a_job("broken", "bbbbbbbbbbbb"),
        a_job("live", "dddddddddddd", inputs={"epochs": "16"}),
        a_job("export", "ffffffffffff", upstream=("fastai-digits",)),
        dirty=True,
        notes=("compute is noted, no more",),
    )
    return place.plan(after)


def a_plan_beside_its_base() -> Plan:
    """Something in every part of what a plan says of its base."""
    place = Place()
    fork = desired(a_cluster(), a_job(), a_job("moved", "aaaaaaaaaaaa"), a_job("both"))
    theirs = desired(
        a_cluster(), a_job(), a_job("moved", "bbbbbbbbbbbb"), a_job("both", "cccccccccccc")
    )
    ours = desired(
        a_cluster(),
        a_job(digest="eeeeeeeeeeee", inputs={"epochs": "9"}),
        a_job("moved", "aaaaaaaaaaaa"),
        a_job("both", "dddddddddddd"),
        a_job("tried", "ffffffffffff"),
        policy=Policy(max_gpu_hours=2),
    )
    place.reconcile(desired(a_cluster(), a_job(), a_job("tried", "ffffffffffff")))
    for job in ("fastai-digits", "tried"):
        place.end(job, accuracy=0.9)
    sides = Sides(fork=fork, ours=ours, theirs=theirs)
    base = Base(ref="origin/main", commit="b" * 40, fork="f" * 40, behind=3)
    observed = observe(place.workspace, either(sides.merged, theirs))
    made = plan_against(sides, base, observed, Options(max_submits=1))
    return msgspec.structs.replace(made, place="rg-ml/pets-prod")
