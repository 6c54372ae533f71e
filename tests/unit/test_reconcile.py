"""Reconcile: once, until everything settles, or only watching; and how it ends."""

import json
import time
from itertools import pairwise

import pytest

from gitrain.apply import Outcome, Result
from gitrain.errors import Exit, RefusedError
from gitrain.manifest import Policy
from gitrain.observed import Cause, Phase
from gitrain.plan.actions import Action, Health, Plan, Verb
from gitrain.reconcile import Loop, Reconciled
from gitrain.report.json.encode import reconciled_json
from gitrain.report.text.reconcile import reconciled_text
from tests.unit.faults import Faulty, refusing
from tests.unit.plan.build import World, a_cluster, a_job, desired, verbs

A_THEN_B = (
    a_job("a", "x ${{outputs.m}}", outputs={"m": {}}),
    a_job("b", "y ${{inputs.m}}", inputs={"m": "${{jobs.a.outputs.m}}"}),
)
CHAIN = desired(*A_THEN_B)


def told(ended: Reconciled) -> list[str]:
    return [f"{o.action} {o.name} {o.result}" for o in ended.outcomes]


def finishing(world: World, phase: Phase = Phase.COMPLETED):
    """A tick that lets every live run end, one round after it was seen."""

    def tick(plan: Plan) -> None:
        for action in plan.actions:
            if action.run and action.run.live:
                world.workspace.go(action.run.id, phase, exit_code=1)

    return tick


def test_once_applies_a_plan_and_returns(world: World) -> None:
    ended = world.loop(CHAIN).once(world.plan(CHAIN))

    assert told(ended) == ["submit a done"]
    assert (ended.last, ended.waited, ended.exit_code) == (ended.first, False, Exit.OK)


def test_settle_goes_on_along_the_graph_until_all_is_done(world: World) -> None:
    ended = world.loop(CHAIN, tick=finishing(world)).settle(world.plan(CHAIN))

    assert told(ended) == ["submit a done", "submit b done"]
    assert ended.last.settled
    assert ended.exit_code == Exit.OK


def test_what_waits_for_a_failed_job_stays_waiting_and_the_exit_code_says_so(world: World) -> None:
    ended = world.loop(CHAIN, tick=finishing(world, Phase.FAILED)).settle(world.plan(CHAIN))

    assert told(ended) == ["submit a done"]
    assert verbs(ended.last) == ["keep a", "waiting b"]
    assert ended.exit_code == Exit.RUN_FAILED


def test_a_job_that_was_degraded_before_counts_too(world: World) -> None:
    wanted = desired(a_job("a"))
    world.reconcile(wanted)
    world.end("a", Phase.FAILED)

    assert world.loop(wanted).settle(world.plan(wanted)).exit_code == Exit.RUN_FAILED
    assert world.loop(wanted).once(world.plan(wanted)).exit_code == Exit.OK


def test_settle_retries_a_failed_run_as_often_as_it_may(world: World) -> None:
    wanted = desired(a_job("a", retries=2))

    ended = world.loop(wanted, tick=finishing(world, Phase.FAILED)).settle(world.plan(wanted))

    assert told(ended) == ["submit a done"] * 3
    assert ended.exit_code == Exit.RUN_FAILED


def test_settle_lets_a_preempted_run_go_on(world: World) -> None:
    wanted = desired(a_job("a"))
    rounds = []

    def tick(plan: Plan) -> None:
        rounds.append(plan)
        [run] = world.workspace.runs
        if len(rounds) in (1, 3):
            world.workspace.go(run, Phase.RUNNING, preempted=True)
        if len(rounds) == 5:
            world.workspace.go(run, Phase.COMPLETED)

    ended = world.loop(wanted, tick=tick).settle(world.plan(wanted))

    assert told(ended) == ["submit a done"] * 3
    assert world.runs("a") == ["1:completed"]


def test_settle_ends_when_its_time_is_over_and_touches_no_run(world: World) -> None:
    wanted = desired(a_job("a"))

    ended = world.loop(wanted).settle(world.plan(wanted), timeout=0)

    assert (ended.timed_out, ended.exit_code) == (True, Exit.ERROR)
    assert world.runs("a") == ["1:queued"]


def test_nothing_to_do_and_nothing_live_is_no_timeout(world: World) -> None:
    wanted = desired(a_job("a"))
    world.reconcile(wanted)
    world.end("a")

    ended = world.loop(wanted).settle(world.plan(wanted), timeout=0)

    assert (ended.timed_out, ended.exit_code, ended.outcomes) == (False, Exit.OK, ())


def test_an_action_that_failed_is_not_tried_again(world: World) -> None:
    wanted = desired(a_cluster(), a_job("a", compute="gpu"), a_job("b"))
    faulty = Faulty(world.workspace, refusing("create_cluster"))
    loop = Loop(faulty, lambda: world.plan(wanted), tick=finishing(world))

    ended = loop.settle(world.plan(wanted))

    assert told(ended) == ["create gpu failed", "submit a skipped", "submit b done"]
    assert faulty.calls == ["create_cluster", "submit"]
    assert ended.exit_code == Exit.ERROR


def test_what_comes_due_later_is_skipped_when_its_need_failed_before(world: World) -> None:
    wanted = desired(a_cluster(), a_job("a"), a_job("b", compute="gpu", depends_on=["a"]))
    faulty = Faulty(world.workspace, refusing("create_cluster"))
    loop = Loop(faulty, lambda: world.plan(wanted), tick=finishing(world))

    ended = loop.settle(world.plan(wanted))

    assert told(ended) == ["create gpu failed", "submit a done", "submit b skipped"]
    assert ended.outcomes[-1].message == "needs Cluster/gpu"


def test_a_cancel_that_takes_its_time_is_sent_once_and_waited_for(world: World) -> None:
    old, new = desired(a_job("a", "one")), desired(a_job("a", "two"))
    world.reconcile(old)
    [run] = world.workspace.runs

    class Slow(Faulty):
        def cancel(self, run_id: str, cause: Cause) -> None:
            self.calls.append("cancel")
            self.real._change(run_id, cause=cause)

    slow = Slow(world.workspace, refusing())
    seen = []

    def tick(plan: Plan) -> None:
        seen.append(verbs(plan))
        if len(seen) == 3:
            world.workspace.go(run, Phase.CANCELED)
            world.end("a")

    ended = Loop(slow, lambda: world.plan(new), tick=tick).settle(world.plan(new))

    assert slow.calls == ["cancel", "submit"]
    assert seen == [["cancel a", "keep a"]] * 3 + [["keep a"]]
    assert ended.exit_code == Exit.OK


def test_between_two_observations_the_workspace_is_left_in_peace(world: World) -> None:
    class Patient(Faulty):
        poll = 0.05

    wanted = CHAIN
    moments: list[float] = []

    def make() -> Plan:
        moments.append(time.monotonic())
        return world.plan(wanted)

    Loop(Patient(world.workspace, refusing()), make, tick=finishing(world)).settle(
        world.plan(wanted)
    )

    assert min(b - a for a, b in pairwise(moments)) >= 0.05


def test_asked_to_stop_it_ends_without_touching_a_run(world: World) -> None:
    wanted = desired(a_job("a"))

    ended = world.loop(wanted, stopping=lambda: bool(world.workspace.runs)).settle(
        world.plan(wanted)
    )

    assert (ended.interrupted, ended.exit_code) == (True, Exit.INTERRUPTED)
    assert world.runs("a") == ["1:queued"]


def test_what_a_wait_submits_later_counts_with_what_it_submitted_before(world: World) -> None:
    wanted = desired(*A_THEN_B, policy=Policy(max_submits=1))
    outcomes: list[Outcome] = []
    loop = Loop(
        world.workspace,
        lambda: world.plan(wanted, submitted=len(outcomes)),
        report=outcomes.append,
        tick=finishing(world),
    )

    ended = loop.settle(world.plan(wanted))

    assert told(ended) == ["submit a done"]
    assert ended.exit_code == Exit.REFUSED
    assert "2 submits in one reconcile exceed the limit of 1" in reconciled_text(ended)
    answer = json.loads(reconciled_json(ended))
    assert [problem["code"] for problem in answer["problems"]] == ["max-submits"]
    assert [outcome["name"] for outcome in answer["outcomes"]] == ["a"]


def test_a_plan_that_is_refused_is_not_applied(world: World) -> None:
    wanted = desired(a_job("a"), policy=Policy(max_submits=0))

    with pytest.raises(RefusedError):
        world.loop(wanted).settle(world.plan(wanted))

    assert world.workspace.runs == {}


def test_watch_applies_nothing_and_ends_with_the_runs(world: World) -> None:
    world.reconcile(CHAIN)

    ended = world.loop(CHAIN, tick=finishing(world)).watch()

    assert verbs(ended.last) == ["keep a", "submit b"]
    assert world.runs("b") == []
    assert ended.exit_code == Exit.OK


def test_watch_says_when_a_run_failed_or_time_is_over(world: World) -> None:
    world.reconcile(CHAIN)

    assert world.loop(CHAIN).watch(timeout=0).exit_code == Exit.ERROR
    assert world.loop(CHAIN, tick=finishing(world, Phase.FAILED)).watch().exit_code == (
        Exit.RUN_FAILED
    )


def ended_with(*, health: Health = Health.HEALTHY, verb: Verb = Verb.KEEP, **given: object):
    action = Action(verb=verb, kind="Job", name="a", reason="", health=health)
    made = Plan(project="p", workspace="w", actions=(action,))
    return Reconciled(first=made, last=made, outcomes=given.pop("outcomes", ()), **given)


def outcome(result: Result) -> tuple[Outcome, ...]:
    return (Outcome(kind="Job", name="a", action=Verb.SUBMIT, result=result),)


WORST = {"verb": Verb.BLOCKED, "health": Health.DEGRADED, "waited": True}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, 0),
        ({"verb": Verb.WAITING}, 0),
        ({"verb": Verb.BLOCKED}, 5),
        ({"health": Health.DEGRADED}, 0),
        (WORST, 7),
        ({**WORST, "outcomes": outcome(Result.DONE)}, 7),
        ({**WORST, "outcomes": outcome(Result.FAILED)}, 1),
        ({**WORST, "outcomes": outcome(Result.SKIPPED)}, 1),
        ({**WORST, "timed_out": True}, 1),
        ({**WORST, "timed_out": True, "interrupted": True}, 130),
    ],
)
def test_the_exit_code_is_the_first_that_applies(given: dict, code: int) -> None:
    assert ended_with(**given).exit_code == code
