"""What one reconcile may submit, and how many GPU-hours that may take."""

import pytest

from gitrain.manifest import Policy
from tests.unit.plan.build import World, a_cluster, a_job, desired

HOUR = {"timeout": 3600}


def jobs(count: int, **spec: object) -> list:
    return [a_job(f"j{i:02}", **spec) for i in range(count)]


def codes(made) -> list[str]:
    return [problem.code for problem in made.problems]


def test_twenty_submits_are_allowed_and_twenty_one_are_not(world: World) -> None:
    assert codes(world.plan(desired(*jobs(20)))) == []
    assert codes(world.plan(desired(*jobs(21)))) == ["max-submits"]


def test_max_submits_raises_it_for_once(world: World) -> None:
    assert codes(world.plan(desired(*jobs(21)), max_submits=21)) == []


def test_the_policy_says_how_many(world: World) -> None:
    assert codes(world.plan(desired(*jobs(3), policy=Policy(max_submits=2)))) == ["max-submits"]


def test_a_local_workspace_has_no_limit_of_submits(world: World) -> None:
    assert codes(world.plan(desired(*jobs(21), kind="local"))) == []


def test_only_submits_count(world: World) -> None:
    wanted = desired(*jobs(21))
    world.reconcile(wanted, max_submits=21)

    assert codes(world.plan(wanted)) == []


def test_gpu_hours_are_timeout_times_instances_times_gpus(world: World) -> None:
    cluster = a_cluster(size="Standard_NC64as_T4_v3", max_instances=4)
    job = a_job("a", compute="gpu", limits={"timeout": 1800}, resources={"instance_count": 3})

    assert world.plan(desired(cluster, job)).gpu_hours == 0.5 * 3 * 4


def test_gpu_hours_are_told_to_the_hundredth(world: World) -> None:
    wanted = desired(a_cluster(), a_job("a", compute="gpu", limits={"timeout": 100}))

    assert world.plan(wanted).gpu_hours == 0.03


def test_only_submits_take_gpu_hours(world: World) -> None:
    wanted = desired(a_cluster(), a_job("a", compute="gpu", limits=HOUR))
    world.reconcile(wanted)

    assert world.plan(wanted).gpu_hours == 0


def test_cpu_clusters_take_no_gpu_hours_even_without_a_timeout(world: World) -> None:
    wanted = desired(a_cluster(size="Standard_DS3_v2"), a_job("a", compute="gpu"))

    assert world.plan(wanted).gpu_hours == 0


@pytest.mark.parametrize(
    ("size", "limits"), [("Standard_NC4as_T4_v3", {}), ("Standard_XY9_v7", HOUR)]
)
def test_without_a_timeout_or_a_known_size_there_is_no_bound(
    world: World, size: str, limits: dict
) -> None:
    wanted = desired(a_cluster(size=size), a_job("a", compute="gpu", limits=limits))

    assert world.plan(wanted).gpu_hours is None


def test_more_gpu_hours_than_the_policy_allows_are_refused(world: World) -> None:
    def wanted(allowed: float):
        policy = Policy(max_gpu_hours=allowed)
        return desired(a_cluster(), *jobs(3, compute="gpu", limits=HOUR), policy=policy)

    assert codes(world.plan(wanted(3))) == []
    assert codes(world.plan(wanted(2.9))) == ["max-gpu-hours"]


def test_gpu_hours_without_a_bound_are_refused_by_any_policy(world: World) -> None:
    policy = Policy(max_gpu_hours=1000)

    made = world.plan(desired(a_cluster(), a_job("a", compute="gpu"), policy=policy))

    assert codes(made) == ["max-gpu-hours"]
    assert "may take an unbounded number of GPU-hours" in made.problems[0].message


def test_a_policy_on_gpu_hours_lets_a_plan_without_submits_pass(world: World) -> None:
    spec = {"compute": "gpu"}
    world.reconcile(desired(a_cluster(), a_job("a", **spec)))

    policy = Policy(max_gpu_hours=0)

    assert codes(world.plan(desired(a_cluster(), a_job("a", **spec), policy=policy))) == []


def test_the_gpus_of_a_foreign_cluster_are_those_it_has(world: World) -> None:
    world.foreign_cluster("theirs", size="Standard_NC64as_T4_v3")

    made = world.plan(desired(a_job("a", compute="azureml:theirs", limits=HOUR)))

    assert made.gpu_hours == 4


def test_on_local_there_are_no_gpu_hours(world: World) -> None:
    wanted = desired(a_job("a"), kind="local", policy=Policy(max_gpu_hours=0))

    assert (world.plan(wanted).gpu_hours, codes(world.plan(wanted))) == (0, [])
