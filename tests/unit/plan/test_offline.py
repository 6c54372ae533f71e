"""A plan without a workspace: only what differs from what another revision would have made."""

from msgspec import structs

from gitrain.desired import Desired
from gitrain.observed import Run
from gitrain.plan.actions import Plan
from gitrain.plan.make import plan
from gitrain.plan.offline import as_if_completed
from gitrain.reconcile import observe
from tests.unit.plan.build import World, a_cluster, a_job, an_environment, desired, row, verbs


def offline(head: Desired, base: Desired) -> Plan:
    return plan(head, as_if_completed(base))


def project(command: str = "true", **first: object) -> list:
    return [
        a_cluster(metadata={"labels": {"a": "b"}, "description": "d"}, location="westeurope"),
        an_environment(),
        a_job(
            "a",
            f"{command} ${{{{outputs.m}}}}",
            outputs={"m": {}},
            compute="gpu",
            environment="env",
            **first,
        ),
        a_job("b", "x ${{inputs.m}}", inputs={"m": "${{jobs.a.outputs.m}}"}, display_name="B"),
        a_job("c", environment={"image": "inline"}),
        a_job("d", suspend=True),
    ]


def test_nothing_changed_is_an_empty_plan() -> None:
    assert offline(desired(*project()), desired(*project())).settled


def test_only_what_differs_is_planned() -> None:
    made = offline(desired(*project("false")), desired(*project()))

    assert [v for v in verbs(made) if not v.startswith("keep")] == ["submit a", "waiting b"]
    assert row(made, "a").reason == "command true ${{outputs.m}} → false ${{outputs.m}}"


def test_what_is_new_is_created_and_what_is_gone_is_named() -> None:
    head = desired(*project()[2:4], a_cluster("new"), an_environment("env"), a_cluster())

    made = offline(head, desired(*project(), a_cluster("old")))

    assert [v for v in verbs(made) if not v.startswith("keep")] == ["create new"]
    assert [u.name for u in made.unmanaged] == ["old"]


def test_gates_are_not_judged_where_nobody_measured() -> None:
    gated = desired(*project(gates=["accuracy > 0.9"]))

    made = offline(gated, gated)

    assert made.settled
    assert made.degraded == ()


def test_a_job_that_is_no_longer_suspended_is_submitted() -> None:
    head = desired(*project()[:5], a_job("d"))

    assert row(offline(head, desired(*project())), "d").verb == "submit"


def test_labels_are_updates() -> None:
    made = offline(desired(*project(metadata={"labels": {"x": "y"}})), desired(*project()))

    assert [v for v in verbs(made) if not v.startswith("keep")] == ["update a"]


def test_it_is_what_a_workspace_would_report(world: World) -> None:
    wanted = desired(*project())
    world.reconcile(wanted)
    for name in "abc":
        world.end(name)
        world.reconcile(wanted)
    real = observe(world.workspace, wanted)

    told = as_if_completed(wanted)

    assert (told.clusters, told.environments) == (real.clusters, real.environments)
    assert {run.id: said(run) for run in told.runs} == {run.id: said(run) for run in real.runs}


def said(run: Run) -> Run:
    """What the manifests alone can know."""
    return structs.replace(run, commit="", submitted_at="", ended_at="", exit_code=None)
