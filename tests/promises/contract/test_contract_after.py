"""What stays of a run: its tags, its adoption, its metrics, log and files."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gitrain.errors import WorkspaceError
from gitrain.observed import Phase, Point, Tags
from tests.promises.contract.adapters import Driver, observed, the_run
from tests.runs import an_adoption

# tag ---------------------------------------------------------------------------------------------


def test_tags_are_replaced_as_a_whole(driver: Driver) -> None:
    first = Tags(labels={"a": "1", "b": "2"}, description="d", variant=True)
    run = driver.workspace.submit(driver.ending(Phase.COMPLETED, tags=first))
    second = Tags(labels={"b": "3"}, display_name="n")

    driver.workspace.tag(run.id, second)

    assert the_run(driver.workspace, run).tags == second


# adopt -------------------------------------------------------------------------------------------


def test_an_adopted_run_is_reported_as_what_adopted_it(driver: Driver) -> None:
    run = driver.finish(driver.workspace.submit(driver.ending(Phase.COMPLETED)))
    adoption = an_adoption(
        run.id,
        canonical={"command": "x"},
        placement={"compute": "gpu"},
        parts={"spec": "1"},
        outputs={"model": "/data/model"},
        tags=Tags(labels={"a": "b"}),
    )

    returned = driver.workspace.adopt(adoption)

    seen = [one for one in observed(driver.workspace).runs if one.adopted]
    assert seen == [returned]
    for kept in ("identity", "outputs", "tags"):
        assert getattr(returned, kept) == getattr(adoption, kept)
    assert (returned.id, returned.phase) == (run.id, Phase.COMPLETED)


def test_the_run_that_was_adopted_is_still_what_it_was(driver: Driver) -> None:
    run = driver.finish(driver.workspace.submit(driver.ending(Phase.COMPLETED)))

    driver.workspace.adopt(an_adoption(run.id))

    [was] = [one for one in observed(driver.workspace).runs if not one.adopted]
    assert (was.job, was.digest) == (run.job, run.digest)


def test_a_run_of_another_project_is_adopted_and_left_as_it_is(driver: Driver) -> None:
    run = driver.finish(driver.workspace.submit(driver.ending(Phase.COMPLETED, project="cats")))

    driver.workspace.adopt(an_adoption(run.id))
    driver.workspace.tag(run.id, Tags(display_name="ours"))

    [seen] = observed(driver.workspace).runs
    [theirs] = observed(driver.workspace, project="cats").runs
    assert (seen.id, seen.tags.display_name) == (run.id, "ours")
    assert theirs.tags == Tags()


@pytest.mark.parametrize("phase", [Phase.FAILED, Phase.QUEUED])
def test_a_run_that_is_not_completed_cannot_be_adopted(driver: Driver, phase: Phase) -> None:
    holds = phase is Phase.QUEUED
    run = driver.workspace.submit(driver.holding() if holds else driver.ending(phase))
    if not holds:
        driver.finish(run)

    with pytest.raises(WorkspaceError, match="not completed"):
        driver.workspace.adopt(an_adoption(run.id))


def test_a_run_that_does_not_exist_cannot_be_adopted(driver: Driver) -> None:
    with pytest.raises(WorkspaceError, match="there is no run"):
        driver.workspace.adopt(an_adoption("nobody"))


# metrics, logs, artifacts ------------------------------------------------------------------------


def test_a_run_without_metrics_has_none(driver: Driver) -> None:
    run = driver.finish(driver.workspace.submit(driver.ending(Phase.COMPLETED)))

    assert driver.workspace.metrics(run) == {}


def test_each_series_is_in_the_order_of_its_steps(driver: Driver) -> None:
    lines = [{"step": 2, "loss": 0.5, "accuracy": 0.8}, {"step": 1, "loss": 0.9}]
    run = driver.finish(driver.workspace.submit(driver.writing("x", lines)))

    assert driver.workspace.metrics(run) == {
        "loss": (Point(1, 0.9), Point(2, 0.5)),
        "accuracy": (Point(2, 0.8),),
    }


def test_summaries_have_the_ends_of_each_series_of_each_run(driver: Driver) -> None:
    lines = [{"step": step, "loss": loss} for step, loss in enumerate((0.5, 0.9, 0.1, 0.4, 0.3))]
    run = driver.finish(driver.workspace.submit(driver.writing("x", lines)))
    other = driver.finish(driver.workspace.submit(driver.ending(Phase.COMPLETED, job="other")))

    for _ in range(2):
        found = driver.workspace.summaries([run, other])
        loss = found[run.id]["loss"]
        assert loss[-1] == Point(4, 0.3)
        assert {Point(1, 0.9), Point(2, 0.1)} <= set(loss)
        assert found[other.id] == {}


def test_logs_are_pieces_with_their_ends_of_lines(driver: Driver) -> None:
    run = driver.finish(driver.workspace.submit(driver.writing("one\ntwo\nthree", [])))

    assert "".join(driver.workspace.logs(run)) == "one\ntwo\nthree"


def test_following_a_run_that_is_over_ends_at_once(driver: Driver) -> None:
    run = driver.finish(driver.workspace.submit(driver.writing("one\n", [])))

    assert "".join(driver.workspace.logs(run, follow=True)) == "one\n"


def test_following_goes_on_until_the_run_is_over(driver: Driver) -> None:
    run = driver.workspace.submit(driver.holding())
    ended = threading.Event()

    def follow() -> None:
        for _ in driver.workspace.logs(run, follow=True):
            pass
        ended.set()

    thread = threading.Thread(target=follow)
    thread.start()
    driver.running(run)

    assert not ended.wait(0.3)
    driver.finish(run)
    thread.join(30)
    assert ended.is_set()


def test_artifacts_are_named_and_downloaded(driver: Driver, tmp_path: Path) -> None:
    run = driver.finish(driver.workspace.submit(driver.writing("x", [{"step": 1, "a": 1}])))
    artifacts = driver.workspace.artifacts(run)

    written = artifacts.download(tmp_path / "new" / "folder")

    names = artifacts.names()
    assert list(names) == sorted(names)
    assert {"model/w", "outputs/metrics.jsonl"} <= set(names)
    assert written == tuple(tmp_path / "new" / "folder" / name for name in names)
    assert (tmp_path / "new/folder/model/w").read_text().strip() == "weights"
