"""Small stories, each with a plan that has something of its own to say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from gitrain.desired import Desired
from gitrain.manifest import Policy
from gitrain.observed import Cause, Phase
from gitrain.plan.actions import Plan
from tests.unit.plan.build import World, a_cluster, a_job, an_environment, desired

SCENES: dict[str, Callable[[World], Plan]] = {}

HOUR = {"limits": {"timeout": 3600}}
KEY = {"admin_username": "me", "ssh_key_value": {"env": "SSH_KEY"}}


def scene(make: Callable[[World], Plan]) -> Callable[[World], Plan]:
    """What it is about is the function's name."""
    SCENES[make.__name__.replace("_", " ")] = make
    return make


# What is no longer in the manifests --------------------------------------------------------------


def _removed(world: World) -> None:
    """Two clusters and two jobs that have no manifest; the cancel of one was begun."""
    gone = [a_cluster("idle"), a_cluster("warm", min_instances=1), a_job("early"), a_job("late")]
    world.reconcile(desired(a_job("a"), *gone))
    world.workspace._change(_run(world, "early"), cause=Cause.PRUNED)


def _run(world: World, job: str) -> str:
    return max(run.id for run in world.workspace.runs.values() if run.job == job)


@scene
def what_nobody_names_any_more(world: World) -> Plan:
    _removed(world)
    return world.plan(desired(a_job("a")))


@scene
def what_nobody_names_any_more_with_prune(world: World) -> Plan:
    _removed(world)
    return world.plan(desired(a_job("a")), prune=True)


@scene
def a_pruned_job_that_came_back(world: World) -> Plan:
    both = desired(a_job("a"), a_job("b"))
    world.reconcile(both)
    world.reconcile(desired(a_job("b")), prune=True)
    return world.plan(both)


# What is refused ---------------------------------------------------------------------------------


@scene
def prune_without_manifests(world: World) -> Plan:
    return world.plan(desired(), prune=True)


@scene
def prune_with_documents_that_are_not_supported(world: World) -> Plan:
    return world.plan(desired(a_job("a"), unsupported=2), prune=True)


@scene
def prune_in_a_sparse_checkout(world: World) -> Plan:
    return world.plan(msgspec.structs.replace(desired(a_job("a")), left_out=2), prune=True)


@scene
def prune_in_a_checkout_that_lacks_one_file(world: World) -> Plan:
    return world.plan(msgspec.structs.replace(desired(a_job("a")), left_out=1), prune=True)


@scene
def too_much_destruction(world: World) -> Plan:
    """An adopted cluster is ours too, and so is a run that is live."""
    world.foreign_cluster("adopted")
    adopted = a_cluster("adopted", metadata={"adopt": True})
    every = [a_cluster(f"c{number}") for number in range(5)]
    world.reconcile(desired(adopted, *every, a_job("a")))
    return world.plan(desired(adopted, every[0], a_job("a")), prune=True)


@scene
def too_many_submits(world: World) -> Plan:
    return world.plan(desired(a_job("a"), a_job("b"), policy=Policy(max_submits=1)))


@scene
def too_many_gpu_hours(world: World) -> Plan:
    gpu = a_job("a", compute="gpu", **HOUR)
    return world.plan(desired(a_cluster(), gpu, policy=Policy(max_gpu_hours=0.5)))


@scene
def gpu_hours_without_a_bound(world: World) -> Plan:
    gpu = a_job("a", compute="gpu")
    return world.plan(desired(a_cluster(), gpu, policy=Policy(max_gpu_hours=0.5)))


# What is in the way ------------------------------------------------------------------------------


@scene
def names_and_ids_that_are_not_ours(world: World) -> Plan:
    world.workspace.environments["env"] = {"3", "4"}
    world.foreign_cluster("gpu", max_instances=1)
    taken = desired(a_job("a"), project="cats")
    world.reconcile(taken)
    world.workspace.runs = {
        run.id.replace("cats", "pets"): run for run in world.workspace.runs.values()
    }
    needs = a_job("b", environment="env")
    return world.plan(desired(a_cluster(), an_environment(), a_job("a"), needs))


@scene
def variables_that_are_not_set(world: World) -> Plan:
    registry = {"address": "r.azurecr.io", "username": "me", "password": {"env": "R_PASSWORD"}}
    return world.plan(
        desired(
            a_cluster(ssh_settings=KEY),
            an_environment(image="r.azurecr.io/x", registry=registry),
            a_job("a", environment_variables={"A_TOKEN": {"env": "A_TOKEN"}}),
            a_job("b", environment_variables={"B": {"env": "B"}, "C": {"env": "C"}}),
        ),
        absent_secrets=frozenset({"SSH_KEY", "R_PASSWORD", "A_TOKEN"}),
    )


@scene
def clusters_that_need_a_replacement(world: World) -> Plan:
    world.reconcile(_four_clusters())
    return world.plan(_four_clusters(tier="low_priority", max_instances=2))


@scene
def clusters_that_need_a_replacement_with_replace(world: World) -> Plan:
    world.reconcile(_four_clusters())
    low = _four_clusters(tier="low_priority", max_instances=2)
    return world.plan(low, replace=True, absent_secrets=frozenset({"SSH_KEY"}))


def _four_clusters(**spec: Any) -> Desired:
    users = [a_job("x", compute="used"), a_job("y", compute="busy"), a_job("z", compute="busy")]
    clusters = [a_cluster(name, **spec) for name in ("free", "used", "busy")]
    return desired(a_cluster("keyed", ssh_settings=KEY, **spec), *clusters, *users)


@scene
def clusters_whose_labels_differ(world: World) -> Plan:
    world.foreign_cluster("adopted")
    world.foreign_cluster("theirs")
    same = a_cluster("same", metadata={"labels": {"team": "y"}, "description": "the same"})
    world.reconcile(desired(a_cluster("described"), a_cluster("labeled"), same))
    other = {"labels": {"team": "x"}}
    return world.plan(
        desired(
            a_cluster("theirs", metadata=other),
            a_cluster("adopted", metadata={**other, "adopt": True}),
            a_cluster("described", metadata={"description": "for tests"}),
            a_cluster("labeled", metadata=other),
            same,
        )
    )


# What became of runs -----------------------------------------------------------------------------


@scene
def a_cancel_that_has_not_come_through(world: World) -> Plan:
    world.reconcile(desired(a_job("same"), a_job("other")))
    for job in ("same", "other"):
        world.workspace._change(_run(world, job), cause=Cause.SUPERSEDED)
    return world.plan(desired(a_job("same"), a_job("other", "false")))


@scene
def suspended_jobs(world: World) -> Plan:
    """Never run, failed, failed with a retry left, and preempted."""
    world.reconcile(desired(a_job("due"), a_job("failed"), a_job("preempted")))
    world.end("due", Phase.FAILED)
    world.end("failed", Phase.FAILED)
    world.workspace.go(_run(world, "preempted"), Phase.RUNNING, preempted=True)
    others = (a_job(name, suspend=True) for name in ("failed", "never", "preempted"))
    return world.plan(desired(a_job("due", suspend=True, retries=1), *others))


@scene
def jobs_that_failed_before_and_are_now_held_up(world: World) -> Plan:
    """One lacks a variable, one waits, one is due."""
    up = a_job("up")

    def jobs(retries: int) -> list:
        token = {"environment_variables": {"A_TOKEN": {"env": "A_TOKEN"}}}
        return [
            a_job("blocked", retries=retries, **token),
            a_job("due", retries=retries),
            a_job("waiting", retries=retries, depends_on=["up"]),
        ]

    world.reconcile(desired(up))
    world.end("up")
    world.reconcile(desired(up, *jobs(0)))
    for name in ("blocked", "due", "waiting"):
        world.end(name, Phase.FAILED)
    later = desired(a_job("up", "false"), *jobs(1))
    return world.plan(later, absent_secrets=frozenset({"A_TOKEN"}))


@scene
def a_second_attempt_that_lost_its_machine(world: World) -> Plan:
    world.reconcile(desired(a_job("a", retries=1)))
    world.end("a", Phase.FAILED)
    world.reconcile(desired(a_job("a", retries=1)))
    world.workspace.go(_run(world, "a"), Phase.RUNNING, preempted=True)
    return world.plan(desired(a_job("a", retries=1, metadata={"labels": {"team": "x"}})))


@scene
def a_job_under_another_name(world: World) -> Plan:
    """Only a run that completed is worth adopting."""
    world.reconcile(desired(a_job("old", "done"), a_job("poor", "failed")))
    world.end("old")
    world.end("poor", Phase.FAILED)
    return world.plan(desired(a_job("new", "done"), a_job("rich", "failed")))


@scene
def values_that_are_their_defaults(world: World) -> Plan:
    """A revision and a shared memory that are set, and no longer set."""
    memory = {"resources": {"shm_size": "8g"}}
    less, more = a_job("less", revision=2), a_job("more")
    world.reconcile(desired(less, more, a_job("up", **memory), a_job("down")))
    for name in ("less", "more"):
        world.end(name)
    for name in ("up", "down"):
        world.end(name, Phase.FAILED)
    less, more = a_job("less"), a_job("more", revision=3)
    return world.plan(desired(less, more, a_job("up"), a_job("down", **memory)))


@scene
def gates_with_and_without_a_run_before(world: World) -> Plan:
    gate = {"gates": ["accuracy >= previous - 0.1"]}
    world.reconcile(desired(a_job("first", **gate), a_job("second", **gate)))
    world.end("first", accuracy=0.9)
    world.end("second", accuracy=0.9)
    worse = desired(a_job("first", **gate), a_job("second", "worse", **gate))
    world.reconcile(worse)
    world.end("second", accuracy=0.85)
    return world.plan(worse)
