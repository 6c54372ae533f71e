"""What an observation about certain jobs has to report, and what a listing of all runs does."""

from __future__ import annotations

from gitrain.observed import Phase, Run, Tags
from gitrain.plan.before import last_of_another_digest, previous_run
from gitrain.workspace import AskedJob, Query
from tests.promises.contract.adapters import Driver, observed
from tests.runs import an_adoption

A, B, C, D, E = (letter * 12 for letter in "abcde")


def ran(driver: Driver, digest: str, phase: Phase = Phase.COMPLETED, **given: object) -> Run:
    return driver.finish(driver.workspace.submit(driver.ending(phase, digest=digest, **given)))


def about(driver: Driver, *jobs: AskedJob) -> dict[str, Run]:
    return {run.id: run for run in driver.workspace.observe(Query(project="pets", jobs=jobs)).runs}


def test_runs_that_have_not_ended_are_reported_whatever_is_asked(driver: Driver) -> None:
    live = driver.workspace.submit(driver.holding(job="removed"))
    theirs = driver.workspace.submit(driver.holding(job="removed", project="cats"))

    seen = about(driver)

    assert live.id in seen
    assert theirs.id not in seen
    driver.finish(live)


def test_every_run_of_a_digest_is_reported(driver: Driver) -> None:
    tries = [ran(driver, A, Phase.FAILED, attempt=n).id for n in (1, 2, 3, 4)]

    assert about(driver, AskedJob("train", A)).keys() >= set(tries)


def test_what_another_job_ran_of_the_digest_is_reported(driver: Driver) -> None:
    renamed = ran(driver, A, job="old-name")

    assert renamed.id in about(driver, AskedJob("train", A))


def test_what_came_before_a_new_digest_is_reported(driver: Driver) -> None:
    ran(driver, A)
    ran(driver, B)
    ran(driver, C, Phase.FAILED)
    ran(driver, D, tags=Tags(variant=True))
    ran(driver, E, job="train-more")
    mine = [run for run in observed(driver.workspace).runs if run.job == "train"]

    seen = about(driver, AskedJob("train", "0" * 12)).values()

    mine_seen = [run for run in seen if run.job == "train"]
    assert previous_run("0" * 12, mine_seen) == previous_run("0" * 12, mine)
    assert last_of_another_digest("0" * 12, mine_seen) == last_of_another_digest("0" * 12, mine)


def test_what_came_before_a_run_is_reported_when_gates_compare_them(driver: Driver) -> None:
    ran(driver, A)
    before = ran(driver, B)
    ran(driver, C, Phase.FAILED)
    ran(driver, D)

    seen = about(driver, AskedJob("train", D, compared=True)).values()

    previous = previous_run(D, seen)
    assert previous is not None
    assert previous.id == before.id


def test_without_merged_runs_the_last_variant_came_before(driver: Driver) -> None:
    ran(driver, A, tags=Tags(variant=True))
    last = ran(driver, B, tags=Tags(variant=True))

    before = last_of_another_digest(C, about(driver, AskedJob("train", C)).values())

    assert before is not None
    assert before.id == last.id


def test_an_adopted_run_is_reported_for_its_digest(driver: Driver) -> None:
    run = ran(driver, A)
    adopted = driver.workspace.adopt(an_adoption(run.id, job="other", digest=B))

    seen = driver.workspace.observe(Query(project="pets", jobs=(AskedJob("other", B),))).runs

    assert [r.id for r in seen if (r.job, r.digest) == ("other", B)] == [adopted.id]


def test_all_history_is_listed_the_last_runs_first(driver: Driver) -> None:
    first = ran(driver, A)
    second = ran(driver, B)
    other = ran(driver, A, job="other")
    ran(driver, A, project="cats")

    listed = [run.id for run in driver.workspace.history("pets")]

    assert listed == [other.id, second.id, first.id]
    assert [r.id for r in driver.workspace.history("pets", "train")] == [second.id, first.id]
