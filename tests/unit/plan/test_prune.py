"""Destruction: opt-in, refused where it smells of a mistake, never of what is not ours."""

import msgspec
import pytest

from gitrain.document import Document
from gitrain.errors import RefusedError, UsageError
from gitrain.observed import Cause
from gitrain.plan.actions import Plan
from tests.unit.plan.build import World, a_cluster, a_job, an_environment, desired, row, verbs


def codes(made: Plan) -> list[str]:
    return [problem.code for problem in made.problems]


def many_clusters(count: int) -> list:
    return [a_cluster(f"c{i}") for i in range(count)]


def test_a_removed_cluster_is_named_with_its_cost_and_deleted_only_on_demand(world: World) -> None:
    world.reconcile(desired(a_cluster(min_instances=2), a_job("a")))
    left = desired(a_job("a"))

    made = world.plan(left)

    assert verbs(made) == ["keep a"]
    assert [(u.name, u.reason) for u in made.unmanaged] == [
        ("gpu", "no manifest names it; 2 nodes are billed while idle")
    ]
    assert verbs(world.reconcile(left, prune=True)) == ["keep a", "delete gpu"]
    assert world.workspace.clusters == {}


def test_what_is_pruned_is_an_action_and_no_longer_unmanaged(world: World) -> None:
    world.reconcile(desired(a_cluster(), a_job("a")))

    assert world.plan(desired(a_job("a")), prune=True).unmanaged == ()


def test_a_foreign_cluster_is_never_deleted_nor_named(world: World) -> None:
    world.foreign_cluster()

    made = world.plan(desired(a_job("a")), prune=True)

    assert verbs(made) == ["submit a"]
    assert world.plan(desired(a_job("a"))).unmanaged == ()


def test_a_cluster_of_ours_that_a_job_names_directly_is_not_deleted(world: World) -> None:
    world.reconcile(desired(a_cluster(), a_job("a")))

    made = world.plan(desired(a_job("a", compute="azureml:gpu")), prune=True)

    assert "delete gpu" not in verbs(made)


def test_a_cluster_in_use_is_deleted_after_its_runs_are_gone(world: World) -> None:
    world.reconcile(desired(a_cluster(), a_job("a", compute="gpu"), a_job("b")))
    left = desired(a_job("b"))

    assert verbs(world.reconcile(left, prune=True)) == ["cancel a", "keep b", "blocked gpu"]
    assert verbs(world.reconcile(left, prune=True)) == ["keep b", "delete gpu"]


def test_the_completed_run_of_a_removed_job_is_neither_pruned_nor_named(world: World) -> None:
    world.reconcile(desired(a_job("a"), a_job("b")))
    world.end("a")

    made = world.plan(desired(a_job("b")), prune=True)

    assert (verbs(made), made.unmanaged) == (["keep b"], ())


def test_a_live_variant_of_a_removed_job_is_left_alone(world: World) -> None:
    world.reconcile(desired(a_job("a"), variants=frozenset({"a"})), by_hand=True)

    made = world.plan(desired(a_job("b")), prune=True)

    assert verbs(made) == ["submit b"]


def test_a_pruned_job_that_comes_back_runs_again(world: World) -> None:
    both, left = desired(a_job("a"), a_job("b")), desired(a_job("b"))
    world.reconcile(both)
    world.reconcile(left, prune=True)

    made = world.reconcile(both)

    assert (row(made, "a").verb, row(made, "a").run_id[-1]) == ("submit", "2")
    assert world.workspace.runs[row(made, "a").run_id].phase == "queued"


def test_a_prune_that_did_not_come_through_is_an_action_again_without_prune(world: World) -> None:
    world.reconcile(desired(a_job("a"), a_job("b")))
    run = next(run for run in world.workspace.runs.values() if run.job == "a")
    world.workspace._change(run.id, cause=Cause.PRUNED)

    made = world.reconcile(desired(a_job("b")))

    assert verbs(made) == ["cancel a", "keep b"]
    assert world.workspace.runs[run.id].cause == "pruned"


def test_cancels_that_were_forced_once_need_no_force_to_come_through(world: World) -> None:
    names = ["a", "b", "c", "d", "e"]
    world.reconcile(desired(*map(a_job, names)))
    for run in list(world.workspace.runs.values()):
        world.workspace._change(run.id, cause=Cause.PRUNED)

    made = world.plan(desired(a_job("new")))

    assert codes(made) == []
    assert verbs(made) == [*(f"cancel {name}" for name in names), "submit new"]


def test_prune_with_no_manifests_is_refused_even_with_force(world: World) -> None:
    assert codes(world.plan(desired(), prune=True)) == ["prune-empty"]
    assert codes(world.plan(desired(), prune=True, force=True)) == ["prune-empty"]


@pytest.mark.parametrize("only", [a_cluster(), an_environment(), a_job("a")])
def test_manifests_of_one_kind_are_not_no_manifests(world: World, only: Document) -> None:
    assert codes(world.plan(desired(only), prune=True)) == []


def test_no_manifests_without_prune_is_an_empty_plan(world: World) -> None:
    assert codes(world.plan(desired())) == []


def test_prune_is_refused_while_documents_are_not_supported(world: World) -> None:
    wanted = desired(a_job("a"), unsupported=2)

    assert codes(world.plan(wanted, prune=True)) == ["prune-unsupported"]
    assert codes(world.plan(wanted)) == []


@pytest.mark.parametrize(("count", "said"), [(1, "1 document cannot"), (2, "2 documents cannot")])
def test_a_refusal_counts_the_documents_that_could_not_be_read(
    world: World, count: int, said: str
) -> None:
    [problem] = world.plan(desired(a_job("a"), unsupported=count), prune=True).problems

    assert said in problem.message


def test_prune_is_refused_in_a_sparse_checkout(world: World) -> None:
    wanted = msgspec.structs.replace(desired(a_job("a")), left_out=2)

    assert codes(world.plan(wanted, prune=True)) == ["prune-sparse"]
    assert codes(world.plan(wanted)) == []


@pytest.mark.parametrize(
    ("owned", "gone", "refused"),
    [
        (4, 3, False),  # 75 %, but not more than three
        (4, 4, True),
        (13, 4, True),  # 30.8 %
        (14, 4, False),  # 28.6 %
        (20, 6, False),  # 30 % exactly
        (20, 7, True),
    ],
)
def test_more_than_three_and_more_than_thirty_percent_need_force(
    world: World, owned: int, gone: int, refused: bool
) -> None:
    every = many_clusters(owned)
    world.reconcile(desired(*every, a_job("a")), max_submits=99)
    world.end("a")
    left = desired(*every[gone:], a_job("a"))

    assert codes(world.plan(left, prune=True)) == (["destruction"] if refused else [])
    assert codes(world.plan(left, prune=True, force=True)) == []


def test_replaced_clusters_count_as_destroyed(world: World) -> None:
    world.reconcile(desired(*many_clusters(4)))
    wanted = desired(*(a_cluster(f"c{i}", tier="low_priority") for i in range(4)))

    assert codes(world.plan(wanted, replace=True)) == ["destruction"]


def test_the_runs_of_removed_jobs_count_as_destroyed(world: World) -> None:
    world.reconcile(desired(*(a_job(f"j{i}") for i in range(6))))

    assert codes(world.plan(desired(a_job("j0"), a_job("j1"), a_job("j2")), prune=True)) == []
    assert codes(world.plan(desired(a_job("j0"), a_job("j1")), prune=True)) == ["destruction"]


def test_superseded_runs_do_not_count_as_destroyed(world: World) -> None:
    world.reconcile(desired(*(a_job(f"j{i}", "one") for i in range(6))))

    assert codes(world.plan(desired(*(a_job(f"j{i}", "two") for i in range(6))))) == []


def test_a_refused_plan_is_shown_with_its_actions_and_not_applied(world: World) -> None:
    every = many_clusters(5)
    world.reconcile(desired(*every, a_job("a")))
    left = desired(a_job("a"))
    made = world.plan(left, prune=True)

    with pytest.raises(RefusedError) as refused:
        world.loop(left).once(made)

    assert refused.value.exit_code == 4
    assert made.summary.delete == 5
    assert len(world.workspace.clusters) == 5


def test_prune_with_select_is_a_usage_error(world: World) -> None:
    with pytest.raises(UsageError) as error:
        world.plan(desired(a_job("a")), prune=True, select=("a",))

    assert str(error.value) == ("--prune looks at everything: it cannot be combined with --select")


def test_on_local_removed_jobs_are_pruned_too(world: World) -> None:
    world.reconcile(desired(a_job("a"), a_job("b"), kind="local"))

    assert verbs(world.plan(desired(a_job("b"), kind="local"), prune=True)) == [
        "cancel a",
        "keep b",
    ]
