"""Jobs that take from each other, or depend on each other."""

import pytest

from gitrain.observed import Cause, Phase
from gitrain.plan.actions import Health
from tests.unit.plan.build import World, a_cluster, a_job, desired, row, verbs

TAKES = {"inputs": {"m": "${{jobs.a.outputs.m}}"}}


def pair(second: dict | None = None, **first: object):
    """b takes a's output."""
    command = str(first.pop("command", "true"))
    a = a_job("a", f"{command} ${{{{outputs.m}}}}", outputs={"m": {}}, **first)
    return desired(a, a_job("b", "cat ${{inputs.m}}", **(second or TAKES)))


def reason(world: World, wanted) -> str:
    made = row(world.plan(wanted), "b")
    assert made.verb == "waiting"
    return made.reason


def test_b_waits_for_an_a_that_is_to_be_submitted(world: World) -> None:
    assert reason(world, pair()) == "waits for a to complete"


@pytest.mark.parametrize("phase", [Phase.QUEUED, Phase.PREPARING, Phase.RUNNING, Phase.FINISHING])
def test_b_waits_for_a_live_a_and_says_its_phase(world: World, phase: Phase) -> None:
    world.reconcile(pair())
    world.end("a", phase)

    assert reason(world, pair()) == f"a is {phase.value}"


def test_b_waits_for_an_a_that_a_person_canceled(world: World) -> None:
    world.reconcile(pair())
    world.workspace.cancel(next(iter(world.workspace.runs)), Cause.PERSON)

    assert reason(world, pair()) == "a was canceled by a person"


def test_b_waits_for_a_failed_a_whose_labels_are_out_of_date_too(world: World) -> None:
    world.reconcile(pair())
    world.end("a", Phase.FAILED)

    assert reason(world, pair(display_name="A")) == "a failed: exit code 1"


def test_b_waits_for_a_suspended_a(world: World) -> None:
    assert reason(world, pair(suspend=True)) == "a is suspended"


def test_b_waits_for_a_suspended_a_that_was_preempted(world: World) -> None:
    world.reconcile(pair())
    world.workspace.go(next(iter(world.workspace.runs)), Phase.RUNNING, preempted=True)

    assert reason(world, pair(suspend=True)) == "a is suspended"


def test_b_goes_on_below_a_suspended_a_that_is_completed(world: World) -> None:
    world.reconcile(pair())
    world.end("a")

    assert verbs(world.plan(pair(suspend=True))) == ["keep a", "submit b"]


def test_b_waits_for_a_blocked_a(world: World) -> None:
    wanted = pair(environment_variables={"K": {"env": "ABSENT"}})

    made = world.plan(wanted, absent_secrets=frozenset({"ABSENT"}))

    assert row(made, "b").reason == "a is blocked"


def test_b_waits_for_an_a_that_waits(world: World) -> None:
    first = a_job("0", "x ${{outputs.o}}", outputs={"o": {}})
    a = a_job("a", "y", depends_on=["0"])

    made = world.plan(desired(first, a, a_job("b", depends_on=["a"])))

    assert verbs(made) == ["submit 0", "waiting a", "waiting b"]
    assert row(made, "b").reason == "a is waiting"


def test_b_says_all_it_waits_for(world: World) -> None:
    made = world.plan(
        desired(a_job("a"), a_job("c", suspend=True), a_job("b", depends_on=["a", "c"]))
    )

    assert row(made, "b").reason == "waits for a to complete; c is suspended"


def test_a_planned_cluster_is_no_reason_to_wait(world: World) -> None:
    made = world.plan(desired(a_cluster(), a_job("a", compute="gpu")))

    assert verbs(made) == ["create gpu", "submit a"]


def test_a_job_that_is_done_does_not_wait_for_its_upstream(world: World) -> None:
    world.reconcile(pair())
    world.end("a")
    world.reconcile(pair())
    world.end("b")

    assert verbs(world.plan(pair(gates=["accuracy > 0.9"]))) == ["keep a", "keep b"]


def test_depends_on_is_order_without_data(world: World) -> None:
    plain = desired(a_job("a", "one"), a_job("b"))
    ordered = desired(a_job("a", "two"), a_job("b", depends_on=["a"]))

    assert plain.jobs[1].digest == ordered.jobs[1].digest
    assert verbs(world.plan(ordered)) == ["submit a", "waiting b"]


def test_what_b_takes_is_the_run_of_a_that_counts(world: World) -> None:
    wanted = pair(retries=1)
    world.reconcile(wanted)
    world.end("a", Phase.FAILED)
    world.reconcile(wanted)
    world.end("a")

    taken = row(world.plan(wanted), "b").payload.submission.inputs["m"]

    assert taken.run_id == f"pets-a-{wanted.jobs[0].digest}-2"
    assert taken.path == ""


def test_how_an_output_is_taken_is_part_of_what_is_computed(world: World) -> None:
    mounted = pair()
    downloaded = pair({"inputs": {"m": {"path": "${{jobs.a.outputs.m}}", "mode": "download"}}})
    spelled_out = pair({"inputs": {"m": {"path": "${{jobs.a.outputs.m}}", "mode": "ro_mount"}}})

    assert downloaded.jobs[1].inputs["m"].mode == "download"
    assert mounted.jobs[1].digest != downloaded.jobs[1].digest
    assert mounted.jobs[1].digest == spelled_out.jobs[1].digest


class TestAdopted:
    """A completed run that something else made is recorded as a's digest."""

    def adopted(self, world: World, **outputs: str):
        world.reconcile(desired(a_job("made", "by hand"), project="elsewhere"))
        world.end("made")
        [run] = world.workspace.runs
        world.adopt(pair(), "a", run, **outputs)
        return run

    def test_it_counts_like_any_other(self, world: World) -> None:
        run = self.adopted(world, m="/data/model")

        made = world.plan(pair())

        assert verbs(made) == ["keep a", "submit b"]
        assert row(made, "a").run_id == run

    def test_b_takes_its_output_from_where_it_was_left(self, world: World) -> None:
        self.adopted(world, m="/data/model")

        taken = row(world.plan(pair()), "b").payload.submission.inputs["m"]

        assert taken.path == "/data/model"

    def test_b_is_blocked_when_nobody_said_where_it_is(self, world: World) -> None:
        run = self.adopted(world)
        wanted = pair({"inputs": {"epochs": 8, **TAKES["inputs"]}})

        blocked = row(world.plan(wanted), "b")

        assert blocked.verb == "blocked"
        assert f"gitrain adopt a --run {run} --output m=PATH" in blocked.reason

    def test_it_matches_every_placement(self, world: World) -> None:
        self.adopted(world, m="/x")

        kept = row(world.plan(pair(limits={"timeout": 5})), "a")

        assert (kept.verb, kept.reason, kept.changes) == ("keep", "completed", ())

    def test_its_labels_are_brought_up_to_date_and_the_run_it_was_stays(self, world: World) -> None:
        run = self.adopted(world, m="/x")

        made = world.reconcile(pair(display_name="A"))

        assert row(made, "a").verb == "update"
        assert row(world.plan(pair(display_name="A")), "a").verb == "keep"
        assert world.workspace.runs[run].tags.display_name == ""


def test_one_run_adopted_by_two_jobs_settles(world: World) -> None:
    wanted = desired(a_job("a", "x", display_name="A"), a_job("b", "y", display_name="A"))
    world.reconcile(desired(a_job("c")))
    world.end("c")
    [run] = world.workspace.runs
    world.adopt(wanted, "a", run)
    world.adopt(wanted, "b", run)

    world.reconcile(wanted)

    assert world.plan(wanted).settled


def test_an_upstream_that_is_being_canceled_is_waited_for(world: World) -> None:
    world.reconcile(pair())
    run = next(iter(world.workspace.runs))
    world.workspace._change(run, cause=Cause.SUPERSEDED)

    made = world.plan(pair())

    assert verbs(made) == ["cancel a", "waiting a", "waiting b"]
    assert row(made, "a").health is Health.PROGRESSING
