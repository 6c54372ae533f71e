"""A job's row: the first rule that applies."""

import pytest

from gitrain.observed import Cause, Phase
from tests.unit.plan.build import World, a_job, desired, row, verbs


def test_after_reconcile_and_completion_the_plan_is_empty(world: World) -> None:
    wanted = desired(a_job("a"), a_job("b"))
    world.reconcile(wanted)
    world.end("a")
    world.end("b")

    assert world.plan(wanted).settled
    assert world.plan(wanted).summary.unchanged == 2


def test_a_live_run_is_kept(world: World) -> None:
    wanted = desired(a_job("a"))
    world.reconcile(wanted)

    assert row(world.plan(wanted), "a").verb == "keep"
    assert row(world.plan(wanted), "a").health == "Progressing"


def test_a_changed_input_is_submitted_and_says_which(world: World) -> None:
    world.reconcile(desired(a_job("a", inputs={"epochs": 8})))
    world.end("a")

    changed = row(world.plan(desired(a_job("a", inputs={"epochs": 9}))), "a")

    assert (changed.verb, changed.reason) == ("submit", "inputs.epochs 8 → 9")


def test_eight_and_the_text_eight_are_the_same(world: World) -> None:
    world.reconcile(desired(a_job("a", inputs={"epochs": 8})))

    assert world.plan(desired(a_job("a", inputs={"epochs": "8"}))).settled


def test_a_to_b_to_a_runs_each_once(world: World) -> None:
    a, b = desired(a_job("j", "a")), desired(a_job("j", "b"))
    for wanted in (a, b, a):
        world.reconcile(wanted)
        world.end("j")

    assert world.plan(a).settled
    assert world.runs("j") == ["1:completed", "1:completed"]


def test_a_newer_digest_cancels_the_live_run_of_the_older(world: World) -> None:
    world.reconcile(desired(a_job("j", "a")))

    made = world.reconcile(desired(a_job("j", "b")))

    assert verbs(made) == ["cancel j", "submit j"]
    assert world.runs("j") == ["1:canceled", "1:queued"]


def test_a_superseded_run_counts_as_never_run(world: World) -> None:
    a, b = desired(a_job("j", "a")), desired(a_job("j", "b"))
    world.reconcile(a)
    world.reconcile(b)

    made = world.reconcile(a)

    assert verbs(made) == ["cancel j", "submit j"]
    world.end("j")
    assert world.plan(a).settled
    assert world.runs("j") == ["1:canceled", "1:canceled", "2:completed"]


def test_while_its_cancel_is_on_the_way_a_digest_that_is_wanted_again_waits(world: World) -> None:
    a = desired(a_job("j", "a"))
    world.reconcile(a)
    [run] = world.workspace.runs.values()
    world.workspace._change(run.id, cause=Cause.SUPERSEDED)

    assert verbs(world.plan(a)) == ["cancel j", "waiting j"]


def test_supersede_keep_leaves_the_older_run_alone(world: World) -> None:
    world.reconcile(desired(a_job("j", "a")))

    assert verbs(world.plan(desired(a_job("j", "b", supersede="keep")))) == ["submit j"]


def test_a_failed_job_is_no_drift_but_degraded(world: World) -> None:
    wanted = desired(a_job("a"))
    world.reconcile(wanted)
    world.end("a", Phase.FAILED)

    made = world.plan(wanted)

    assert made.settled
    assert (row(made, "a").sync, row(made, "a").health) == ("Synced", "Degraded")
    assert [d.name for d in made.degraded] == ["a"]


def test_retries_submit_again_until_they_are_used_up(world: World) -> None:
    wanted = desired(a_job("a", retries=2))
    for _ in range(3):
        assert row(world.reconcile(wanted), "a").verb == "submit"
        world.end("a", Phase.FAILED)

    assert row(world.plan(wanted), "a").verb == "keep"
    assert world.runs("a") == ["1:failed", "2:failed", "3:failed"]


def test_a_new_placement_leaves_a_completed_run_and_says_so(world: World) -> None:
    world.reconcile(desired(a_job("a", limits={"timeout": 60})))
    world.end("a")

    kept = row(world.plan(desired(a_job("a", limits={"timeout": 99}))), "a")

    assert kept.verb == "keep"
    assert kept.reason == "completed; limits.timeout 60 → 99 applies to the next run"


@pytest.mark.parametrize("phase", [Phase.FAILED, Phase.CANCELED])
def test_a_new_placement_submits_what_failed_or_was_canceled_again(
    world: World, phase: Phase
) -> None:
    world.reconcile(desired(a_job("a", limits={"timeout": 60})))
    world.end("a", phase)

    again = row(world.plan(desired(a_job("a", limits={"timeout": 99}))), "a")

    assert (again.verb, again.run_id[-1]) == ("submit", "2")


def test_labels_description_and_display_name_are_updated_in_place(world: World) -> None:
    world.reconcile(desired(a_job("a")))
    wanted = desired(
        a_job("a", display_name="A", metadata={"labels": {"team": "x"}, "description": "d"})
    )

    made = world.reconcile(wanted)

    assert verbs(made) == ["update a"]
    assert {c.path for c in made.actions[0].changes} == {
        "labels.team",
        "description",
        "display_name",
    }
    assert world.plan(wanted).settled


def test_a_run_that_a_person_canceled_stays_canceled(world: World) -> None:
    wanted = desired(a_job("a"))
    world.reconcile(wanted)
    world.workspace.cancel(next(iter(world.workspace.runs)), Cause.PERSON)

    kept = row(world.plan(wanted), "a")

    assert (kept.verb, kept.health, kept.reason) == ("keep", "Degraded", "was canceled by a person")


def test_a_preempted_run_goes_on_as_the_same_run(world: World) -> None:
    wanted = desired(a_job("a"))
    world.reconcile(wanted)
    [run] = world.workspace.runs
    world.workspace.go(run, Phase.RUNNING, preempted=True)

    made = world.reconcile(wanted)

    assert (row(made, "a").verb, row(made, "a").run_id) == ("submit", run)
    assert world.runs("a") == ["1:queued"]


def test_a_suspended_job_submits_nothing_and_its_live_run_goes_on(world: World) -> None:
    assert row(world.plan(desired(a_job("a", suspend=True))), "a").health == "Suspended"
    world.reconcile(desired(a_job("a", "x")))

    made = world.plan(desired(a_job("a", "y", suspend=True)))

    assert verbs(made) == ["keep a"]


def test_a_suspended_job_whose_run_failed_says_so_although_a_retry_is_due(world: World) -> None:
    world.reconcile(desired(a_job("a", retries=1)))
    world.end("a", Phase.FAILED)

    made = world.plan(desired(a_job("a", retries=1, suspend=True)))

    assert (verbs(made), row(made, "a").health) == (["keep a"], "Degraded")
    assert [one.reason for one in made.degraded] == ["failed: exit code 1"]


def test_an_absent_secret_blocks_and_its_name_is_noted(world: World) -> None:
    wanted = desired(a_job("a", environment_variables={"T_TOKEN": {"env": "MY_TOKEN"}}))

    assert any("MY_TOKEN" in note for note in world.plan(wanted).notes)
    blocked = row(world.plan(wanted, absent_secrets=frozenset({"MY_TOKEN"})), "a")
    assert (blocked.verb, "MY_TOKEN" in blocked.reason) == ("blocked", True)


def test_the_run_id_of_another_project_blocks(world: World) -> None:
    world.reconcile(desired(a_job("b-c"), project="a"))

    assert row(world.plan(desired(a_job("c"), project="a-b")), "c").verb == "blocked"


class TestGraph:
    """B takes A's output."""

    def wanted(self, command: str = "true", **a: object):
        first = a_job("a", f"{command} ${{{{outputs.m}}}}", outputs={"m": {}}, **a)
        second = a_job("b", "cat ${{inputs.m}}", inputs={"m": "${{jobs.a.outputs.m}}"})
        return desired(first, second)

    def test_b_waits_until_a_is_completed(self, world: World) -> None:
        assert verbs(world.reconcile(self.wanted())) == ["submit a", "waiting b"]
        assert row(world.plan(self.wanted()), "b").reason == "a is queued"
        world.end("a")

        made = world.reconcile(self.wanted())

        assert verbs(made) == ["keep a", "submit b"]
        assert made.actions[1].payload.submission.inputs["m"].run_id == row(made, "a").run_id

    def test_b_waits_for_an_a_that_failed_and_says_so(self, world: World) -> None:
        world.reconcile(self.wanted())
        world.end("a", Phase.FAILED)

        made = world.plan(self.wanted())

        assert row(made, "b").reason == "a failed: exit code 1"
        assert not made.settled

    def test_b_waits_for_an_a_that_missed_its_gate(self, world: World) -> None:
        wanted = self.wanted(gates=["accuracy >= 0.9"])
        world.reconcile(wanted)
        world.end("a", accuracy=0.5)

        made = world.plan(wanted)

        assert row(made, "a").health == "Degraded"
        assert row(made, "b").reason == "a missed its gate accuracy >= 0.9"

    def test_a_changed_a_is_a_changed_b(self, world: World) -> None:
        for _ in range(2):
            world.reconcile(self.wanted())
            world.end("a")
            world.end("b")

        made = world.plan(self.wanted("false"))

        assert verbs(made) == ["submit a", "waiting b"]

    def test_select_takes_along_what_the_selected_need(self, world: World) -> None:
        assert verbs(world.plan(self.wanted(), select=("b",))) == ["submit a", "waiting b"]
        assert verbs(world.plan(self.wanted(), select=("Job/a",))) == ["submit a"]
