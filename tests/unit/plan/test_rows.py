"""Whole rows: what each says, with its health, its run and what it carries for apply."""

from __future__ import annotations

import msgspec
import pytest

from gitrain.errors import Location
from gitrain.observed import Cause, Phase
from gitrain.plan.actions import Action
from gitrain.plan.environments import RegisterEnvironment
from gitrain.plan.run_payloads import Cancel
from tests.unit.plan.build import World, a_cluster, a_job, an_environment, desired, row, verbs


def told(action: Action) -> tuple[str, str, str, list[str], bool]:
    """Verb, reason, health, the changed fields, and whether it carries something for apply."""
    changed = [change.path for change in action.changes]
    return (action.verb, action.reason, action.health, changed, action.payload is not None)


@pytest.mark.parametrize(
    ("now", "replace", "expected"),
    [
        ({}, False, ("keep", "matches its manifest", "Healthy", [], False)),
        (
            {"max_instances": 9},
            False,
            ("update", "max_instances 4 → 9", "Healthy", ["max_instances"], True),
        ),
        (
            {"tier": "low_priority"},
            False,
            (
                *("blocked", "tier dedicated → low_priority needs --replace"),
                *("Healthy", ["tier"], False),
            ),
        ),
        (
            {"tier": "low_priority", "max_instances": 9},
            True,
            (
                *("replace", "tier dedicated → low_priority forces replacement"),
                *("Healthy", ["tier", "max_instances"], True),
            ),
        ),
    ],
)
def test_a_cluster_that_exists(
    world: World, now: dict[str, object], replace: bool, expected: tuple[object, ...]
) -> None:
    world.reconcile(desired(a_cluster()))

    made = row(world.plan(desired(a_cluster(**now)), replace=replace), "gpu", "Cluster")

    assert told(made) == expected
    assert (made.kind, made.location) == ("Cluster", Location("jobs/gpu.yaml"))


def test_a_cluster_that_is_missing(world: World) -> None:
    made = row(world.plan(desired(a_cluster())), "gpu", "Cluster")

    reason = "Standard_NC4as_T4_v3, 0 to 4 nodes, dedicated"
    assert told(made) == ("create", reason, "Missing", [], True)


def test_a_cluster_of_someone_else(world: World) -> None:
    world.foreign_cluster()

    made = row(world.plan(desired(a_cluster())), "gpu", "Cluster")
    assert told(made) == ("keep", "not managed by this project, used as is", "Healthy", [], False)

    made = row(world.plan(desired(a_cluster(max_instances=9))), "gpu", "Cluster")
    differs = "not managed by this project, used as is (differs: max_instances 4 → 9)"
    assert told(made) == ("keep", differs, "Healthy", ["max_instances"], False)


def test_the_account_of_a_cluster_is_never_compared_but_what_follows_it_is(world: World) -> None:
    """No service tells a password again."""
    key = {"admin_username": "me", "ssh_key_value": {"env": "KEY"}}
    world.reconcile(desired(a_cluster()))
    state = world.workspace.clusters["gpu"]
    every = frozenset({*state.reported, "ssh_settings"})
    world.workspace.clusters["gpu"] = msgspec.structs.replace(state, reported=every)

    assert world.plan(desired(a_cluster(ssh_settings=key))).settled


def test_what_is_not_reported_hides_nothing_behind_it(world: World) -> None:
    world.reconcile(desired(a_cluster()))
    state = world.workspace.clusters["gpu"]
    told_less = frozenset(state.reported) - {"size"}
    world.workspace.clusters["gpu"] = msgspec.structs.replace(state, reported=told_less)

    made = world.plan(desired(a_cluster(size="Standard_NC6s_v3", max_instances=9)))

    assert [change.path for change in made.actions[0].changes] == ["max_instances"]


def test_an_identity_that_the_manifest_leaves_open_is_no_difference(world: World) -> None:
    world.reconcile(desired(a_cluster(identity={"type": "system_assigned"})))

    assert world.plan(desired(a_cluster())).settled


def test_a_cluster_that_no_manifest_names(world: World) -> None:
    world.reconcile(desired(a_cluster(), a_job("a", compute="gpu")))

    [used] = (r for r in world.plan(desired(a_job("a")), prune=True).actions if r.name == "gpu")
    assert (used.verb, used.kind, used.health) == ("blocked", "Cluster", "Healthy")
    assert used.reason == "no manifest names it, but a run uses it"

    world.end("a")
    [idle] = (r for r in world.plan(desired(a_job("a")), prune=True).actions if r.name == "gpu")
    assert (idle.verb, idle.kind, idle.health) == ("delete", "Cluster", "Healthy")
    assert idle.reason == "no manifest names it"


def test_an_environment(world: World) -> None:
    wanted = desired(an_environment())

    missing = row(world.plan(wanted), "env", "Environment")
    assert (missing.verb, missing.health) == ("register", "Missing")
    assert missing.payload == RegisterEnvironment(wanted.environments[0])

    world.reconcile(wanted)
    there = row(world.plan(wanted), "env", "Environment")
    version = wanted.environments[0].version
    assert (there.verb, there.health, there.reason) == ("keep", "Healthy", f"version {version}")
    assert (there.digest, there.payload) == (version, None)


def test_a_live_run_that_is_superseded(world: World) -> None:
    world.reconcile(desired(a_job("a", "old")))
    [run] = world.workspace.runs.values()
    wanted = desired(a_job("a", "new"))

    cancel, submit = world.plan(wanted).actions

    assert (cancel.verb, cancel.health, cancel.run_id) == ("cancel", "Progressing", run.id)
    assert (cancel.digest, cancel.run) == (run.digest, run)
    assert cancel.payload == Cancel(run.id, Cause.SUPERSEDED)
    assert cancel.reason == f"superseded by {wanted.jobs[0].digest}"
    assert cancel.location == Location("jobs/a.yaml")
    assert (submit.verb, submit.health) == ("submit", "Missing")


def test_a_run_whose_labels_moved(world: World) -> None:
    gates = ["accuracy >= 0.9"]
    world.reconcile(desired(a_job("a", gates=gates)))
    world.end("a", accuracy=0.8)
    wanted = desired(a_job("a", gates=gates, metadata={"labels": {"team": "v"}}))

    made = row(world.plan(wanted), "a")

    assert (made.verb, made.reason, made.health) == ("update", "labels.team none → v", "Degraded")
    assert [gate.passed for gate in made.gates] == [False]
    assert made.story == "completed, but missed accuracy >= 0.9"


def test_a_suspended_job(world: World) -> None:
    wanted = desired(a_job("a", suspend=True))

    made = row(world.plan(wanted), "a")
    assert (made.verb, made.reason, made.health) == ("keep", "suspended", "Suspended")

    world.reconcile(desired(a_job("a")))
    [run] = world.workspace.runs
    world.workspace.go(run, Phase.RUNNING, preempted=True)
    made = row(world.plan(wanted), "a")
    assert (made.verb, made.reason, made.health) == ("keep", "suspended", "Suspended")
    assert made.run_id == run


def test_failures_of_another_digest_use_up_no_retries(world: World) -> None:
    before, after = desired(a_job("a", "x")), desired(a_job("a", "y", retries=1))
    world.reconcile(before)
    world.end("a", Phase.FAILED)
    world.reconcile(desired(a_job("a", "x", revision=2)))
    world.end("a", Phase.FAILED)
    world.reconcile(after)
    world.end("a", Phase.FAILED)

    assert verbs(world.plan(after)) == ["submit a"]


@pytest.mark.parametrize(
    ("exit_code", "reason", "story"),
    [
        (None, "", "failed"),
        (3, "", "failed: exit code 3"),
        (3, "out of memory", "failed: out of memory"),
    ],
)
def test_why_a_run_failed(world: World, exit_code: int | None, reason: str, story: str) -> None:
    wanted = desired(a_job("a"))
    world.reconcile(wanted)
    [run] = world.workspace.runs
    world.workspace.go(run, Phase.FAILED, exit_code=exit_code)
    ended = world.workspace.runs[run]
    world.workspace.runs[run] = msgspec.structs.replace(ended, reason=reason)

    [degraded] = world.plan(wanted).degraded

    assert (degraded.kind, degraded.name, degraded.reason) == ("Job", "a", story)
    assert degraded.run_id == run
