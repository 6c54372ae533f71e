"""A plan compared with its base: what a branch adds, without what comes anyway."""

from __future__ import annotations

from gitrain.desired import Desired
from gitrain.observed import Phase
from gitrain.plan.actions import Base, Plan
from gitrain.plan.against import plan_against
from gitrain.plan.merge import Sides, either
from gitrain.plan.options import Options
from gitrain.reconcile import observe
from tests.unit.plan.build import World, a_cluster, a_job, an_environment, desired, row, verbs

BASE = Base(ref="origin/main", commit="b", fork="f", behind=1)


def against(world: World, fork: Desired, ours: Desired, theirs: Desired, **options: object) -> Plan:
    sides = Sides(fork=fork, ours=ours, theirs=theirs)
    observed = observe(world.workspace, either(sides.merged, theirs))
    return plan_against(sides, BASE, observed, Options(**options))


def writes(made: Plan) -> list[str]:
    return [f"{action.verb} {action.name}" for action in made.writes]


def pending(made: Plan) -> list[str]:
    assert made.base
    return [f"{action.verb} {action.name}" for action in made.base.pending]


def done(*documents: object) -> tuple[World, Desired]:
    """A world in which all of this has been carried out and completed."""
    world, wanted = World(), desired(*documents)
    world.reconcile(wanted)
    for job in wanted.jobs:
        world.end(job.name)
    return world, wanted


def test_only_what_the_branch_changes_is_in_the_plan() -> None:
    world, main = done(a_job("a", "one"), a_job("b", "one"))
    ours = desired(a_job("a", "two"), a_job("b", "one"))

    made = against(world, main, ours, main)

    assert verbs(made) == ["submit a", "keep b"]
    assert pending(made) == []


def test_what_is_pending_on_the_base_is_told_apart() -> None:
    world, _fork = done(a_job("a", "one"))
    theirs = desired(a_job("a", "one"), a_job("late", "x"))
    ours = desired(a_job("a", "two"), a_job("late", "x"))

    made = against(world, theirs, ours, theirs)

    assert writes(made) == ["submit a"]
    assert pending(made) == ["submit late"]
    assert made.summary.submit == 1


def test_a_base_that_moved_on_is_never_reverted() -> None:
    world, fork = done(a_cluster("gpu", max_instances=2), a_job("a", "one"), a_job("b", "one"))
    theirs = desired(a_cluster("gpu", max_instances=4), a_job("a", "one"), a_job("b", "two"))
    world.reconcile(theirs)
    world.end("b")
    ours = desired(a_cluster("gpu", max_instances=2), a_job("a", "mine"), a_job("b", "one"))

    made = against(world, fork, ours, theirs)

    assert writes(made) == ["submit a"]
    assert made.base
    assert made.base.moved == ("Cluster/gpu", "Job/b")


def test_what_the_base_added_is_not_called_unmanaged() -> None:
    world, fork = done(a_cluster("gpu"))
    theirs = desired(a_cluster("gpu"), a_cluster("new"))
    world.reconcile(theirs)

    made = against(world, fork, fork, theirs)

    assert made.settled
    assert made.unmanaged == ()


def test_what_the_branch_removes_is_called_unmanaged() -> None:
    world, main = done(a_cluster("gpu"), a_cluster("old"))

    made = against(world, main, desired(a_cluster("gpu")), main)

    assert [one.name for one in made.unmanaged] == ["old"]
    assert writes(against(world, main, desired(a_cluster("gpu")), main, prune=True)) == [
        "delete old"
    ]


def test_what_the_base_removed_does_not_come_back() -> None:
    world, fork = done(a_job("a", "one"), a_job("gone", "one"))
    theirs = desired(a_job("a", "one"))
    ours = desired(a_job("a", "two"), a_job("gone", "one"))

    assert verbs(against(world, fork, ours, theirs)) == ["submit a"]


def test_what_both_changed_is_ours_and_said() -> None:
    world, fork = done(a_job("a", "one"))
    ours, theirs = desired(a_job("a", "mine")), desired(a_job("a", "theirs"))

    made = against(world, fork, ours, theirs)

    assert made.base
    assert made.base.both == ("Job/a",)
    assert row(made, "a").digest == ours.jobs[0].digest


def test_the_same_change_on_both_sides_is_pending_and_not_ours() -> None:
    world, fork = done(a_job("a", "one"))
    both = desired(a_job("a", "two"))

    made = against(world, fork, both, both)

    assert writes(made) == []
    assert pending(made) == ["submit a"]
    assert made.base
    assert made.base.both == ()


def test_a_job_that_has_to_wait_for_ours_is_part_of_the_plan() -> None:
    world, main = World(), desired(a_job("a", "one"), a_job("b", "x", depends_on=["a"]))
    world.reconcile(main)
    world.end("a")
    ours = desired(a_job("a", "two"), a_job("b", "x", depends_on=["a"]))

    made = against(world, main, ours, main)

    assert verbs(made) == ["submit a", "waiting b"]
    assert pending(made) == ["submit b"]


def test_a_run_that_is_there_already_is_named_with_the_hours_it_saves() -> None:
    gpu = {"compute": "gpu", "limits": {"timeout": 7200}}
    world, main = done(a_cluster(), a_job("a", "one", **gpu))
    ours = desired(a_cluster(), a_job("a", "two", **gpu))
    world.reconcile(ours)
    world.end("a")

    made = against(world, main, ours, main)

    assert verbs(made) == ["keep gpu", "keep a"]
    assert made.base
    [reused] = made.base.reused
    assert (reused.name, reused.gpu_hours) == ("a", 2.0)
    assert reused.run_id == row(made, "a").run_id


def test_a_change_of_gates_alone_reuses_nothing() -> None:
    world, main = done(a_job("a", "one"))

    made = against(world, main, desired(a_job("a", "one", gates=["x > 1"])), main)

    assert made.base
    assert made.base.reused == ()


def test_hours_are_those_of_the_branch_alone() -> None:
    gpu = {"compute": "gpu", "limits": {"timeout": 3600}}
    world = World()
    main = desired(a_cluster(), a_job("a", "one", **gpu))
    ours = desired(a_cluster(), a_job("a", "one", **gpu), a_job("b", "one", **gpu))

    assert against(world, main, ours, main).gpu_hours == 1.0


def test_problems_that_the_base_has_are_not_the_branchs() -> None:
    world = World()
    jobs = [a_job(f"j{number}") for number in range(21)]
    main, ours = desired(*jobs), desired(*jobs, a_job("more"))

    same, worse = against(world, main, main, main), against(world, main, ours, main)

    assert same.problems == ()
    assert same.base
    assert [problem.code for problem in same.base.problems] == ["max-submits"]
    assert [problem.message for problem in worse.problems] == [
        "22 submits in one reconcile exceed the limit of 20"
    ]


def test_an_environment_of_both_sides_is_registered_in_both_versions() -> None:
    world = World()
    fork = desired(an_environment("env", image="one"))
    ours = desired(an_environment("env", image="two"))
    theirs = desired(an_environment("env", image="three"))

    made = against(world, fork, ours, theirs)

    assert writes(made) == ["register env"]
    assert pending(made) == ["register env"]


def test_a_job_that_the_base_removed_comes_along_while_ours_needs_it() -> None:
    world, fork = done(a_job("a", "one"), a_job("b", "x", depends_on=["a"]))
    ours = desired(a_job("a", "one"), a_job("b", "y", depends_on=["a"]))

    made = against(world, fork, ours, desired())

    assert writes(made) == ["submit b"]


def test_what_is_noted_of_the_base_already_is_not_noted_again() -> None:
    key, token = ({"K": {"env": name}} for name in ("KEY", "TOKEN"))
    world, a = World(), a_job("a", environment_variables=key)
    main = desired(a)

    same = against(world, main, desired(a, a_job("b")), main)
    more = against(world, main, desired(a, a_job("b", environment_variables=token)), main)

    assert any("KEY" in note for note in world.plan(main).notes)
    assert same.notes == ()
    assert any("TOKEN" in note for note in more.notes)


def test_what_waits_on_the_base_is_planned_with_the_same_flags() -> None:
    world, fork = done(a_cluster("gpu"))
    theirs = desired(a_cluster("gpu", tier="low_priority"))

    assert pending(against(world, fork, fork, theirs)) == ["blocked gpu"]
    assert pending(against(world, fork, fork, theirs, replace=True)) == ["replace gpu"]


def test_of_what_waits_on_the_base_only_the_selected_is_told() -> None:
    world, fork = World(), desired()
    theirs = desired(a_job("late"), a_job("later"))
    ours = desired(a_job("mine"))

    assert pending(against(world, fork, ours, theirs, select=("mine",))) == []
    assert pending(against(world, fork, ours, theirs, select=("mine", "late"))) == ["submit late"]


def test_what_nobody_names_on_the_base_either_is_not_the_branchs() -> None:
    world, _everything = done(a_cluster("old"), a_cluster("older"), a_job("a"))
    theirs = desired(a_cluster("old"), a_job("a"))

    made = against(world, theirs, desired(a_job("a")), theirs)

    assert [one.name for one in made.unmanaged] == ["old"]


def test_a_row_that_differs_in_what_its_reason_leaves_out_is_the_branchs() -> None:
    world, fork = done(a_cluster("gpu", max_instances=1))
    low = {"tier": "low_priority"}
    ours, theirs = (desired(a_cluster("gpu", max_instances=most, **low)) for most in (2, 3))

    made = against(world, fork, ours, theirs, replace=True)

    assert writes(made) == ["replace gpu"]
    assert row(made, "gpu", "Cluster").changes[-1].new == 2


def test_only_runs_that_answer_to_the_branch_alone_are_there_already() -> None:
    """Not one that the base has too, nor one that failed and is due again."""
    world, main = done(a_job("a", "one"), a_job("b", "one"), a_job("c", "one"))
    ours = desired(a_job("a", "one"), a_job("b", "two"), a_job("c", "two", retries=1), kind="local")
    world.reconcile(desired(a_job("b", "two"), a_job("c", "two")))
    world.end("b")
    world.end("c", Phase.FAILED)

    made = against(world, main, ours, main)

    assert made.base
    assert [(one.name, one.gpu_hours) for one in made.base.reused] == [("b", 0.0)]
