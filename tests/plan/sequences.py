"""A project that people edit and a workspace that things happen in, at random."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from gitrain.apply import apply
from gitrain.desired import Desired, Upstream
from gitrain.document import Document
from gitrain.observed import Cause, Phase, Run
from gitrain.plan.actions import Action, Plan, Verb
from gitrain.workspace import Submission
from gitrain.workspaces.memory import MemoryWorkspace
from tests.plan.build import World, a_cluster, a_job, an_environment, desired
from tests.plan.faults import Crash, CrashAt, Faulty

CALLS = {
    Verb.CREATE: ("create_cluster",),
    Verb.REGISTER: ("register_environment",),
    Verb.SUBMIT: ("submit",),
    Verb.CANCEL: ("cancel",),
    Verb.DELETE: ("delete_cluster",),
}
FOREIGN = "elsewhere"


class Slow(MemoryWorkspace):
    """Cancels are recorded, and come through only when somebody lets them."""

    slow = False

    def cancel(self, run_id: str, cause: Cause) -> None:
        if not self.slow:
            super().cancel(run_id, cause)
        elif self.runs[run_id].phase.live:
            self._change(run_id, cause=cause)


class Repository:
    """What the manifests say: the specs of three jobs, of which the third takes from the first."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {name: {} for name in ("a", "b", "c")}
        self.gone: set[str] = set()
        self.clusters = {"gpu": 2}
        self.image = "one"

    def desired(self, variant: str = "", **changes: object) -> Desired:
        documents = [self._job(name, changes if name == variant else {}) for name in self.present]
        documents += [a_cluster(name, max_instances=n) for name, n in self.clusters.items()]
        documents += [an_environment(image=self.image), a_cluster("theirs", max_instances=9)]
        return desired(*documents, variants=frozenset({variant} - {""}))

    @property
    def present(self) -> list[str]:
        """The jobs that exist: the third needs the first."""
        return [n for n in self.jobs if n not in self.gone and not (n == "c" and "a" in self.gone)]

    def _job(self, name: str, changes: dict[str, object]) -> Document:
        spec = {"command": "one", **self.jobs[name], **changes}
        compute = "gpu" if name != "b" and "gpu" in self.clusters else "theirs"
        given: dict[str, Any] = {"compute": compute, "environment": "env"}
        if name == "a":
            given["outputs"] = {"m": {}}
        if name == "c":
            given["inputs"] = {"m": "${{jobs.a.outputs.m}}"}
        labels = {"labels": {"team": str(spec.pop("team", "x"))}}
        return a_job(name, metadata=labels, **given, **spec)


class Place(World):
    """The workspace, with things of other people in it, and a watch on every submit."""

    def __init__(self) -> None:
        self.workspace: Slow = Slow()
        self.foreign_cluster("theirs")
        self.reconcile(desired(a_job("a", "foreign"), a_cluster("far"), project=FOREIGN))
        self.foreign = self.snapshot(foreign=True)

    def snapshot(self, *, foreign: bool = False) -> tuple[Any, ...]:
        """All that exists, of other people or of this project."""
        clusters = {
            n: c for n, c in self.workspace.clusters.items() if self._is(c.project, foreign)
        }
        runs = {n: r for n, r in self.workspace.runs.items() if self._is(r.project, foreign)}
        versions = {name: set(v) for name, v in self.workspace.environments.items()}
        return (clusters, runs) if foreign else (clusters, runs, versions)

    def _is(self, project: str, foreign: bool) -> bool:
        return (project != "pets") is foreign

    def ours(self) -> list[Run]:
        return [run for run in self.workspace.runs.values() if run.project == "pets"]

    def live(self) -> list[Run]:
        return [run for run in self.ours() if run.live]

    def carry_out(self, made: Plan, crash_at: int | None = None, *, by_hand: bool = False) -> bool:
        """Apply a plan that may crash; False when it did. What was called is what was planned."""
        crash = CrashAt(-1 if crash_at is None else crash_at)

        def fault(verb: str, arguments: tuple[Any, ...]) -> None:
            crash(verb, arguments)
            if verb == "submit":
                self._check_submit(arguments[0], by_hand=by_hand)

        faulty = Faulty(self.workspace, fault)
        try:
            outcomes = apply(made, faulty)
        except Crash:
            return False
        assert all(outcome.result == "done" for outcome in outcomes)
        assert faulty.calls == [call for a in made.writes for call in _calls(a)]
        return True

    def check_pending(self, made: Plan) -> None:
        """A cancel that was begun is an action until it has come through."""
        pending = {run.id for run in self.live() if run.cause and run.cause.ours}
        assert pending <= {action.run_id for action in made.actions if action.verb is Verb.CANCEL}

    def _check_submit(self, submission: Submission, *, by_hand: bool) -> None:
        """A job that did not change never runs twice; it takes from what is completed."""
        runs = [r for r in self.ours() if (r.job, r.digest) == (submission.job, submission.digest)]
        for run in runs:
            again = run.id == submission.run_id
            wanted = run.preempted if again else run.phase in (Phase.FAILED, Phase.CANCELED)
            assert wanted, f"{submission.run_id} although {run.id} is {run.phase}"
        counted = [r for r in runs if r.counts]
        if counted and not by_hand and not any(r.id == submission.run_id for r in runs):
            last = max(counted, key=lambda run: run.attempt)
            failures = sum(run.phase is Phase.FAILED for run in runs)
            retry = last.phase is Phase.FAILED and failures <= submission.spec.retries
            assert retry or last.placement != submission.placement
        for edge in submission.inputs.values():
            assert isinstance(edge, Upstream)
            assert self.workspace.runs[edge.run_id].phase is Phase.COMPLETED


def _calls(action: Action) -> Iterable[str]:
    if action.verb is Verb.UPDATE:
        return ("update_cluster",) if action.kind == "Cluster" else ("tag",)
    if action.verb is Verb.SUBMIT and action.tags:
        return ("submit", "tag")
    return CALLS[action.verb]


def only(made: Plan, job: str) -> Plan:
    """What `gitrain run` carries out of a plan: the job's row and its environment's."""
    actions = tuple(
        a for a in made.actions if a.kind == "Environment" or (a.verb, a.name) == (Verb.SUBMIT, job)
    )
    return msgspec.structs.replace(made, actions=actions)
