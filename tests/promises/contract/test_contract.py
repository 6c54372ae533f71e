"""Every adapter keeps these promises: the sentences of `gitrain.workspace`, one test each."""

from __future__ import annotations

import pytest

from gitrain.apply import apply
from gitrain.errors import WorkspaceError
from gitrain.observed import Cause, Phase, Tags
from gitrain.plan.make import plan
from gitrain.reconcile import observe
from gitrain.workspace import Query
from tests.promises.contract.adapters import Driver, a_submission, observed, over, the_run
from tests.unit.plan.build import a_cluster, a_job, an_environment, desired


def the_kind(driver: Driver) -> str:
    return "memory" if driver.clusters else "local"


def test_after_reconcile_the_plan_is_empty(driver: Driver) -> None:
    documents = (a_cluster(), an_environment(local={"python": "current"}, image="i"))
    jobs = (
        a_job("a", compute="gpu", environment="env", metadata={"labels": {"x": "y"}}),
        a_job("b", "exit ${{inputs.code}}", inputs={"code": 3}, display_name="B"),
    )
    wanted = desired(*documents, *jobs, kind=the_kind(driver))

    apply(plan(wanted, observe(driver.workspace, wanted)), driver.workspace)

    assert plan(wanted, observe(driver.workspace, wanted)).settled
    for run in observed(driver.workspace).runs:
        driver.finish(run)
    assert plan(wanted, observe(driver.workspace, wanted)).settled


# observe -----------------------------------------------------------------------------------------


def test_observing_an_empty_workspace_reports_and_creates_nothing(driver: Driver) -> None:
    before = driver.trace()

    seen = driver.workspace.observe(
        Query(project="pets", clusters=("gpu",), environments=("env",), run_ids=("x",))
    )

    assert (seen.runs, dict(seen.clusters), dict(seen.environments)) == ((), {}, {})
    assert seen.foreign_runs == frozenset()
    assert driver.trace() == before


def test_observing_changes_nothing(driver: Driver) -> None:
    run = driver.workspace.submit(driver.ending(Phase.COMPLETED))
    driver.finish(run)
    before = driver.trace()

    first, second = observed(driver.workspace), observed(driver.workspace)

    assert first == second
    assert driver.trace() == before


def test_all_runs_of_the_project_are_reported_and_no_others(driver: Driver) -> None:
    given = [("pets", "a", 1), ("pets", "a", 2), ("pets", "b", 1), ("cats", "a", 1)]
    for project, job, attempt in given:
        driver.workspace.submit(
            driver.ending(Phase.COMPLETED, project=project, job=job, attempt=attempt)
        )

    seen = observed(driver.workspace).runs

    assert {(r.project, r.job, r.attempt) for r in seen} == set(given[:3])


def test_ids_that_others_took_are_reported_when_asked_for(driver: Driver) -> None:
    theirs = driver.workspace.submit(driver.ending(Phase.COMPLETED, project="cats"))
    ours = driver.workspace.submit(driver.ending(Phase.COMPLETED))

    seen = observed(driver.workspace, theirs.id, ours.id, "pets-none-0123456789ab-1")

    assert seen.foreign_runs == {theirs.id}
    assert observed(driver.workspace).foreign_runs == frozenset()


def test_a_run_is_reported_as_it_was_submitted(driver: Driver) -> None:
    given = driver.ending(
        Phase.COMPLETED,
        canonical={"command": "true", "inputs": {"x": "8"}},
        placement={"limits.timeout": 60},
        parts={"code": "abc"},
        tags=Tags(labels={"team": "v"}, description="d", display_name="n", variant=True),
        commit="c0ffee",
        dirty=True,
        forced=True,
    )

    run = the_run(driver.workspace, driver.workspace.submit(given))

    kept = ("identity", "tags", "commit", "dirty", "forced")
    assert {name: getattr(run, name) for name in kept} == {n: getattr(given, n) for n in kept}
    assert (run.id, run.cause, run.preempted, run.adopted) == (given.run_id, None, False, False)
    assert run.submitted_at.endswith("Z")


@pytest.mark.parametrize("phase", [Phase.COMPLETED, Phase.FAILED])
def test_a_run_comes_to_its_end_and_stays_there(driver: Driver, phase: Phase) -> None:
    run = driver.workspace.submit(driver.ending(phase))

    driver.finish(run)

    ended = the_run(driver.workspace, run)
    assert (ended.phase, ended.live, ended.counts) == (phase, False, True)
    assert ended.ended_at >= ended.submitted_at


# submit ------------------------------------------------------------------------------------------


def test_submitting_twice_starts_one_run(driver: Driver) -> None:
    submission = driver.holding()

    first, second = driver.workspace.submit(submission), driver.workspace.submit(submission)

    assert first.id == second.id == submission.run_id
    assert len(observed(driver.workspace).runs) == 1


def test_submitting_what_is_over_starts_nothing_and_returns_it(driver: Driver) -> None:
    submission = driver.ending(Phase.FAILED)
    driver.finish(driver.workspace.submit(submission))

    again = driver.workspace.submit(submission)

    assert again.phase is Phase.FAILED
    assert [run.phase for run in observed(driver.workspace).runs] == [Phase.FAILED]


def test_an_id_that_is_taken_by_another_project_or_job_is_refused(driver: Driver) -> None:
    taken = driver.workspace.submit(driver.ending(Phase.COMPLETED, job="old-train"))
    other = a_submission(project="pets-old", job="train")
    assert other.run_id == taken.id

    with pytest.raises(WorkspaceError):
        driver.workspace.submit(other)

    assert the_run(driver.workspace, taken).job == "old-train"


def test_a_preempted_run_is_reported_as_such(driver: Driver) -> None:
    run = driver.workspace.submit(driver.holding())

    driver.preempt(run)

    lost = the_run(driver.workspace, run)
    assert (lost.preempted, lost.live, lost.phase.live) == (True, False, True)


def test_a_preempted_run_goes_on_as_the_same_run_and_attempt(driver: Driver) -> None:
    submission = driver.holding()
    driver.preempt(driver.workspace.submit(submission))

    again = driver.workspace.submit(submission)

    assert (again.id, again.attempt, again.live) == (submission.run_id, 1, True)
    assert driver.finish(again).phase is Phase.COMPLETED
    assert len(observed(driver.workspace).runs) == 1


# cancel ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cause", list(Cause))
def test_a_cancel_stops_the_run_and_says_who_asked(driver: Driver, cause: Cause) -> None:
    run = driver.workspace.submit(driver.holding())

    driver.workspace.cancel(run.id, cause)

    canceled = over(driver.workspace, run)
    assert (canceled.phase, canceled.cause) == (Phase.CANCELED, cause)
    assert canceled.counts is (cause is Cause.PERSON)


def test_canceling_what_is_over_does_nothing(driver: Driver) -> None:
    run = driver.finish(driver.workspace.submit(driver.ending(Phase.COMPLETED)))

    driver.workspace.cancel(run.id, Cause.PRUNED)

    left = the_run(driver.workspace, run)
    assert (left.phase, left.cause) == (Phase.COMPLETED, None)


def test_canceling_twice_is_canceling_once(driver: Driver) -> None:
    run = driver.workspace.submit(driver.holding())
    driver.workspace.cancel(run.id, Cause.SUPERSEDED)

    driver.workspace.cancel(run.id, Cause.SUPERSEDED)

    assert over(driver.workspace, run).cause is Cause.SUPERSEDED


def test_a_preempted_run_can_be_canceled(driver: Driver) -> None:
    run = driver.workspace.submit(driver.holding())
    driver.preempt(run)

    driver.workspace.cancel(run.id, Cause.PERSON)

    canceled = the_run(driver.workspace, run)
    assert (canceled.phase, canceled.cause, canceled.preempted) == (
        *(Phase.CANCELED, Cause.PERSON, False),
    )


def test_canceling_or_tagging_a_run_that_does_not_exist_is_refused(driver: Driver) -> None:
    with pytest.raises(WorkspaceError):
        driver.workspace.cancel("pets-none-0123456789ab-1", Cause.PERSON)
    with pytest.raises(WorkspaceError):
        driver.workspace.tag("pets-none-0123456789ab-1", Tags())
