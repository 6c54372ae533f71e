"""Runs by hand, and jobs that are gone."""

from gitrain.observed import Phase
from gitrain.report.text.plan import plan_text
from tests.unit.plan.build import World, a_job, desired, row, verbs


def test_a_gate_on_the_previous_run_ignores_variants(world: World) -> None:
    def wanted(command: str, **more: object):
        return desired(a_job("a", command, gates=["accuracy >= previous - 0.01"]), **more)

    world.reconcile(wanted("one"))
    world.end("a", accuracy=0.90)
    variant = wanted("two", variants=frozenset({"a"}))
    world.reconcile(variant, by_hand=True)
    world.end("a", accuracy=0.99)
    world.reconcile(wanted("three"))
    world.end("a", accuracy=0.895)

    [gate] = row(world.plan(wanted("three")), "a").gates

    assert (gate.threshold, gate.passed) == (0.89, True)


def test_a_variant_whose_values_are_merged_is_found_done(world: World) -> None:
    world.reconcile(desired(a_job("a", "v"), variants=frozenset({"a"})), by_hand=True)
    world.end("a")

    made = world.reconcile(desired(a_job("a", "v")))

    assert made.summary.submit == 0
    assert row(made, "a").reason == "was a variant; its values are now merged"
    assert "\n      ~ was a variant; its values are now merged\n" in plan_text(made)
    assert world.plan(desired(a_job("a", "v"))).settled


def test_a_live_variant_is_not_superseded(world: World) -> None:
    world.reconcile(desired(a_job("a", "v"), variants=frozenset({"a"})), by_hand=True)

    assert verbs(world.plan(desired(a_job("a", "w")))) == ["submit a"]


def test_a_removed_job_is_named_and_pruned_only_on_demand(world: World) -> None:
    world.reconcile(desired(a_job("a"), a_job("b")))
    left = desired(a_job("b"))

    assert [u.name for u in world.plan(left).unmanaged] == ["a"]
    assert verbs(world.plan(left)) == ["keep b"]
    assert verbs(world.reconcile(left, prune=True)) == ["cancel a", "keep b"]
    assert world.runs("a") == ["1:canceled"]


def test_a_variant_never_supersedes(world: World) -> None:
    world.reconcile(desired(a_job("a", "merged")))

    variant = desired(a_job("a", "v"), variants=frozenset({"a"}))

    assert verbs(world.plan(variant, by_hand=True)) == ["submit a"]


def test_a_run_by_hand_leaves_the_labels_of_what_is_there(world: World) -> None:
    world.reconcile(desired(a_job("a", metadata={"labels": {"team": "x"}})))
    labeled = desired(a_job("a", metadata={"labels": {"team": "y"}}))

    assert verbs(world.plan(labeled)) == ["update a"]
    assert verbs(world.plan(labeled, by_hand=True)) == ["keep a"]


def test_a_preempted_variant_that_was_merged_goes_on_as_what_was_merged(world: World) -> None:
    variant = desired(a_job("a", "v"), variants=frozenset({"a"}))
    world.reconcile(variant, by_hand=True)
    [run] = world.workspace.runs.values()
    world.workspace.go(run.id, run.phase, preempted=True)

    made = world.reconcile(desired(a_job("a", "v")))

    assert row(made, "a").reason == (
        "was preempted; the same run continues; was a variant; its values are now merged"
    )
    assert world.plan(desired(a_job("a", "v"))).settled


def test_a_failed_variant_counts_for_its_digest(world: World) -> None:
    world.reconcile(desired(a_job("a", "v"), variants=frozenset({"a"})), by_hand=True)
    world.end("a", Phase.FAILED)

    assert row(world.plan(desired(a_job("a", "v"))), "a").health == "Degraded"
    assert world.plan(desired(a_job("a", "v"))).summary.submit == 0


def test_retry_runs_a_failed_digest_again_and_leaves_a_completed_one(world: World) -> None:
    wanted = desired(a_job("a"), a_job("b"))
    world.reconcile(wanted)
    world.end("a", Phase.FAILED)
    world.end("b")

    made = world.plan(wanted, retry=frozenset({"a", "b"}))

    assert verbs(made) == ["submit a", "keep b"]


def test_rerun_runs_what_is_over_again_and_leaves_what_is_live(world: World) -> None:
    wanted = desired(a_job("a"), a_job("b"))
    world.reconcile(wanted)
    world.end("a")

    made = world.plan(wanted, rerun=frozenset({"a", "b"}))

    assert verbs(made) == ["submit a", "keep b"]
    assert row(made, "a").reason == "attempt 1 completed; runs again"
