"""--select: what it chooses, and what comes along."""

import pytest

from gitrain.errors import UsageError
from tests.unit.plan.build import World, a_cluster, a_job, an_environment, desired, verbs


def wanted():
    """Two jobs in a row on one cluster, one on its own, and a cluster of the same name."""
    return desired(
        a_cluster("gpu", metadata={"labels": {"team": "ops"}}),
        a_cluster("solo"),
        an_environment("env"),
        an_environment("other"),
        a_job(
            "first",
            "x ${{outputs.m}}",
            outputs={"m": {}},
            compute="gpu",
            environment="env",
            metadata={"labels": {"team": "vision"}},
        ),
        a_job(
            "second",
            "y ${{inputs.m}}",
            inputs={"m": "${{jobs.first.outputs.m}}"},
            compute="azureml:theirs",
            metadata={"labels": {"team": "vision", "tier": "a"}},
        ),
        a_job("solo", depends_on=["loner"]),
        a_job("loner"),
    )


NEEDS_OF_FIRST = ["create gpu", "register env", "submit first"]


@pytest.mark.parametrize(
    ("pattern", "chosen"),
    [
        ("first", NEEDS_OF_FIRST),
        ("Job/first", NEEDS_OF_FIRST),
        ("job/first", NEEDS_OF_FIRST),
        ("second", [*NEEDS_OF_FIRST, "waiting second"]),
        ("solo", ["create solo", "submit loner", "waiting solo"]),
        ("Job/solo", ["submit loner", "waiting solo"]),
        ("Cluster/*", ["create gpu", "create solo"]),
        ("environment/o*", ["register other"]),
        ("*oner", ["submit loner"]),
        (
            "[fs]*",
            [
                "create gpu",
                "create solo",
                "register env",
                "submit first",
                "waiting second",
                "submit loner",
                "waiting solo",
            ],
        ),
        ("team=vision", [*NEEDS_OF_FIRST, "waiting second"]),
        ("team=o*", ["create gpu"]),
        ("tier=a", [*NEEDS_OF_FIRST, "waiting second"]),
    ],
)
def test_a_pattern_chooses_resources_and_all_they_need(
    world: World, pattern: str, chosen: list[str]
) -> None:
    assert sorted(verbs(world.plan(wanted(), select=(pattern,)))) == sorted(chosen)


def test_several_patterns_choose_what_any_of_them_chooses(world: World) -> None:
    assert verbs(world.plan(wanted(), select=("loner", "Cluster/solo"))) == [
        "create solo",
        "submit loner",
    ]


def test_the_value_of_a_label_may_have_an_equals_sign(world: World) -> None:
    formula = desired(a_job("a", metadata={"labels": {"team": "x=y"}}), a_job("b"))

    assert verbs(world.plan(formula, select=("team=x=y",))) == ["submit a"]


def test_all_of_a_chain_comes_along(world: World) -> None:
    chain = desired(
        a_job("one"),
        a_job("two", depends_on=["one"]),
        a_job("three", depends_on=["two"]),
        a_job("four", depends_on=["three"]),
    )

    assert verbs(world.plan(chain, select=("four",))) == [
        *("submit one", "waiting two", "waiting three", "waiting four")
    ]


@pytest.mark.parametrize("pattern", ["firts", "Cluster/first", "team=audio", "nolabel=x", "Job/"])
def test_a_pattern_that_matches_nothing_is_a_usage_error(world: World, pattern: str) -> None:
    with pytest.raises(UsageError, match="no resource in this workspace matches"):
        world.plan(wanted(), select=("first", pattern))


def test_the_selected_superseded_run_is_canceled_and_no_other(world: World) -> None:
    world.reconcile(desired(a_job("a", "one"), a_job("b", "one")))
    changed = desired(a_job("a", "two"), a_job("b", "two"))

    assert verbs(world.plan(changed, select=("a",))) == ["cancel a", "submit a"]


def test_only_the_selected_count_for_the_budget(world: World) -> None:
    many = desired(*(a_job(f"j{i}") for i in range(30)))

    assert world.plan(many, select=("j1*",)).problems == ()


def test_with_select_nothing_is_called_unmanaged(world: World) -> None:
    world.reconcile(desired(a_job("a"), a_job("b")))

    assert world.plan(desired(a_job("b")), select=("b",)).unmanaged == ()


def test_a_chain_longer_than_the_stack_is_deep_comes_along():
    jobs = [a_job("j0"), *(a_job(f"j{n}", depends_on=[f"j{n - 1}"]) for n in range(1, 1200))]

    made = World().plan(desired(*jobs), select=("j1199",))

    assert len(made.actions) == 1200
