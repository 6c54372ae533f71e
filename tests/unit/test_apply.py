"""The order of a plan, and how it is carried out."""

import pytest

from gitrain.apply import Outcome, apply
from gitrain.desired import Upstream
from gitrain.errors import UnavailableError
from gitrain.observed import Cause, Phase
from gitrain.plan.actions import Plan
from gitrain.reconcile import observe
from tests.unit.faults import Faulty, refusing
from tests.unit.plan.build import World, a_cluster, a_job, an_environment, desired, row, verbs


def told(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [f"{o.action} {o.name} {o.result}" for o in outcomes]


def writes(made: Plan) -> list[str]:
    return [f"{action.verb} {action.name}" for action in made.writes]


def chain(command: str = "true") -> list:
    """a → b → c, named against their order."""
    return [
        a_job("c", f"{command} ${{{{outputs.m}}}}", outputs={"m": {}}),
        a_job(
            "b",
            "x ${{inputs.m}} ${{outputs.n}}",
            inputs={"m": "${{jobs.c.outputs.m}}"},
            outputs={"n": {}},
        ),
        a_job("a", "y ${{inputs.n}}", inputs={"n": "${{jobs.b.outputs.n}}"}),
    ]


def test_clusters_environments_cancels_jobs_along_the_graph_deletes(world: World) -> None:
    world.reconcile(desired(a_cluster("old"), *chain("one"), a_job("gone")))
    wanted = desired(a_cluster("gpu"), an_environment(), *chain("two"), a_job("z"))

    made = world.plan(wanted, prune=True)

    assert verbs(made) == [
        *("create gpu", "register env"),
        *("cancel gone", "cancel c"),
        *("submit c", "waiting b", "waiting a", "submit z"),
        "delete old",
    ]


def test_the_order_does_not_depend_on_the_order_of_the_documents(world: World) -> None:
    documents = [a_cluster("gpu"), a_cluster("cpu"), *chain(), a_job("z")]

    one, other = desired(*documents), desired(*reversed(documents))

    assert [a.key for a in world.plan(one).actions if a.kind == "Job"] == [
        a.key for a in world.plan(other).actions if a.kind == "Job"
    ]


def test_every_write_is_an_action_and_every_action_is_done(world: World) -> None:
    world.reconcile(desired(a_cluster("old"), a_job("j", "one"), a_job("k")))
    wanted = desired(a_cluster(), an_environment(), a_job("j", "two"), a_job("k", display_name="K"))
    made = world.plan(wanted, prune=True)
    recorded = Faulty(world.workspace, refusing())

    outcomes = apply(made, recorded)

    assert recorded.calls == [
        *("create_cluster", "register_environment", "cancel", "submit", "tag", "delete_cluster"),
    ]
    assert [(o.action, o.name) for o in outcomes] == [(a.verb, a.name) for a in made.writes]


def test_a_plan_that_only_keeps_waits_and_blocks_writes_nothing(world: World) -> None:
    world.reconcile(desired(*chain()))
    made = world.plan(desired(*chain()))
    recorded = Faulty(world.workspace, refusing())

    assert apply(made, recorded) == ()
    assert recorded.calls == []


def test_what_needed_a_failed_action_is_skipped_and_the_rest_goes_on(world: World) -> None:
    wanted = desired(a_cluster(), a_job("a", compute="gpu"), a_job("b"))

    outcomes = apply(world.plan(wanted), Faulty(world.workspace, refusing("create_cluster")))

    assert told(outcomes) == ["create gpu failed", "submit a skipped", "submit b done"]
    assert outcomes[0].message == "create_cluster: try again later"
    assert outcomes[1].message == "needs Cluster/gpu"
    assert world.runs("b") == ["1:queued"]


def test_a_failed_version_does_not_hold_up_who_needs_another_one(world: World) -> None:
    wanted = desired(
        a_job("a", environment={"image": "one"}), a_job("b", environment={"image": "two"})
    )
    broken = wanted.jobs[0].environment.version

    def fault(verb: str, arguments: tuple) -> None:
        if verb == "register_environment" and arguments[0].version == broken:
            raise UnavailableError("no")

    outcomes = apply(world.plan(wanted), Faulty(world.workspace, fault))

    assert {f"{o.name} {o.result}" for o in outcomes if o.kind == "Job"} == {"a skipped", "b done"}


def test_the_older_run_goes_on_when_its_successor_cannot_start(world: World) -> None:
    world.reconcile(desired(a_job("j", "one")))
    wanted = desired(a_cluster(), a_job("j", "two", compute="gpu"))

    outcomes = apply(world.plan(wanted), Faulty(world.workspace, refusing("create_cluster")))

    assert told(outcomes) == ["create gpu failed", "cancel j skipped", "submit j skipped"]
    assert world.runs("j") == ["1:queued"]


def test_after_a_failure_the_next_reconcile_does_the_rest(world: World) -> None:
    wanted = desired(a_cluster(), a_job("a", compute="gpu"))
    apply(world.plan(wanted), Faulty(world.workspace, refusing("submit")))

    made = world.reconcile(wanted)

    assert verbs(made) == ["keep gpu", "submit a"]
    assert world.plan(wanted).settled


def test_a_bug_of_ours_is_not_taken_for_a_refusal(world: World) -> None:
    def fault(verb: str, arguments: tuple) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        apply(world.plan(desired(a_job("a"))), Faulty(world.workspace, fault))


def test_once_asked_to_stop_the_rest_is_skipped(world: World) -> None:
    made = world.plan(desired(a_job("a"), a_job("b")))

    outcomes = apply(made, world.workspace, stopping=lambda: bool(world.workspace.runs))

    assert told(outcomes) == ["submit a done", "submit b skipped"]
    assert outcomes[1].message == "interrupted"


def test_every_outcome_is_reported_as_it_happens(world: World) -> None:
    heard: list[Outcome] = []

    outcomes = apply(
        world.plan(desired(a_job("a"), a_job("b"))), world.workspace, report=heard.append
    )

    assert tuple(heard) == outcomes
    assert [o.run_id for o in heard] == list(world.workspace.runs)


def test_an_outage_while_observing_ends_the_plan(world: World) -> None:
    class Down(Faulty):
        def observe(self, query: object) -> None:
            raise UnavailableError("503")

    with pytest.raises(UnavailableError):
        observe(Down(world.workspace, refusing()), desired(a_job("a")))


def test_a_plan_is_the_same_however_often_it_is_made(world: World) -> None:
    world.reconcile(desired(*chain("one")))
    world.end("c", Phase.FAILED)
    wanted = desired(a_cluster(), *chain("two"))

    assert world.plan(wanted) == world.plan(wanted)
    assert writes(world.plan(wanted)) == ["create gpu", "submit c"]


def test_a_run_is_given_all_that_its_manifest_says(world: World) -> None:
    up = a_job("up", "make ${{outputs.m}}", outputs={"m": {}})
    job = a_job(
        "a",
        "run ${{inputs.m}}",
        inputs={"m": "${{jobs.up.outputs.m}}"},
        code="src",
        compute="gpu",
        environment={"image": "python:3.11"},
        metadata={"labels": {"team": "x"}},
    )
    wanted = desired(a_cluster(), up, job, trees={"jobs/src": "t1"})
    world.reconcile(wanted)
    world.end("up")

    made = world.reconcile(wanted, force=True)

    [one] = [one for one in wanted.jobs if one.name == "a"]
    given = world.workspace.submissions[row(made, "a").run_id]
    assert given.identity == one.identity("pets", 1)
    for same in ("spec", "environment", "code"):
        assert getattr(given, same) == getattr(one, same)
    assert given.inputs == {"m": Upstream(job="up", output="m", run_id=row(made, "up").run_id)}
    assert given.commit == "c0ffee"
    assert (given.tags.labels, given.forced, given.dirty) == ({"team": "x"}, True, wanted.dirty)


def test_a_cancel_that_was_begun_needs_nothing_that_is_new(world: World) -> None:
    world.reconcile(desired(a_job("a")))
    [run] = world.workspace.runs.values()
    world.workspace._change(run.id, cause=Cause.SUPERSEDED)
    made = world.plan(desired(a_cluster(), a_job("a", "false", compute="gpu")))

    outcomes = apply(made, Faulty(world.workspace, refusing("create_cluster")))

    assert told(outcomes) == ["create gpu failed", "cancel a done", "submit a skipped"]
