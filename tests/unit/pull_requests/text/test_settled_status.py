"""When a schedule has nothing to do: the status that says so."""

from __future__ import annotations

from typing import Any

from gitrain.desired import Desired
from gitrain.manifest import Policy
from gitrain.observed import Phase
from gitrain.pull_requests.text.settled_status import settled_state
from tests.unit.plan.build import World, a_cluster, a_job, desired

CHAIN = desired(
    a_job("a", outputs={"x": {}}),
    a_job("b", "cat ${{inputs.x}}", inputs={"x": "${{jobs.a.outputs.x}}"}),
)


def settled(world: World, wanted: Desired, **options: Any) -> tuple[str, str]:
    live = sum(run.live for run in world.workspace.runs.values())
    return settled_state(world.plan(wanted, **options), live)


def test_a_chain_is_pending_until_its_last_run_is_over() -> None:
    world = World()
    said = [settled(world, CHAIN)]
    for name in ("a", "b"):
        world.reconcile(CHAIN)
        said.append(settled(world, CHAIN))
        world.end(name)
        said.append(settled(world, CHAIN))

    assert said == [
        ("pending", "1 to do, 1 waiting"),
        ("pending", "1 live, 1 waiting"),
        ("pending", "1 to do"),
        ("pending", "1 live"),
        ("success", "nothing left to do"),
    ]


def test_what_waits_for_a_failed_run_has_nothing_to_hope_for() -> None:
    world = World()
    world.reconcile(CHAIN)
    world.end("a", Phase.FAILED)

    assert settled(world, CHAIN) == ("success", "1 waiting")


def test_a_live_variant_is_waited_for_too() -> None:
    world = World()
    world.reconcile(desired(a_job("a", "other"), variants=frozenset({"a"})), by_hand=True)
    wanted = desired(a_job("a", suspend=True))

    assert settled(world, wanted) == ("pending", "1 live")


def test_a_retry_is_due() -> None:
    world = World()
    wanted = desired(a_job("a", retries=1))
    world.reconcile(wanted)
    world.end("a", Phase.FAILED)

    assert settled(world, wanted) == ("pending", "1 to do")


def test_what_is_refused_or_blocked_needs_a_person() -> None:
    world = World()
    world.foreign_cluster("gpu", size="Standard_DS3_v2")
    refused = desired(a_job("a", limits={"timeout": 3600}), policy=Policy(max_submits=0))
    blocked = desired(a_cluster("gpu"), a_job("a", environment_variables={"K": {"env": "K"}}))

    assert settled(world, refused) == ("failure", "refused: 1 reason")
    state, told = settled(world, blocked, absent_secrets=frozenset({"K"}))
    assert (state, told) == ("failure", "1 blocked")
