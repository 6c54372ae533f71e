"""What became of a pull request's runs: said once, where the change was reviewed.

The verdicts are values, tested in tests/unit/pull_requests; which pull requests are looked at is in
test_planned. Here are the few flows that show it all together.
"""

from __future__ import annotations

import pytest

from gitrain.pull_requests.text.marker import read_marker
from tests.doubles.github.state import Comment, Issue, Pull
from tests.promises.github.conftest import measure
from tests.promises.github.scene import Scene


def change(scene: Scene, accuracy: float = 0.95, epochs: int = 9, **spec: object) -> Pull:
    """A pull request with its plan's comment."""
    spec = {"inputs": {"epochs": epochs}, **spec}
    scene.project.job("digits", measure(accuracy=accuracy), **spec)
    pull = scene.open_pull()
    scene.comment(pull)
    return pull


def said(scene: Scene, pull: Pull) -> Comment:
    [comment] = scene.comments(pull, "results")
    return comment


def state(scene: Scene, commit: str) -> tuple[str, str]:
    status = scene.status(commit)
    assert status
    return status.state, status.description


@pytest.mark.parametrize("how", ["squash", "rebase"])
def test_a_completed_run_is_said_once_with_its_metrics_and_their_change(
    ran: Scene, how: str
) -> None:
    pull = change(ran)
    merge = ran.merge(pull, how)
    assert "No new results" in ran.results().out, "it has not run yet"
    ran.project.settle()

    ended = ran.results()

    assert ended.out == f"#{pull.number}: success: 1 run completed\n"
    body = said(ran, pull).body
    assert "### ✅ local: 1 run completed" in body
    assert "| `accuracy` | 0.95 | 0.9 | +0.05 |" in body
    for commit in (pull.head_sha, merge):
        assert state(ran, commit) == ("success", "1 run completed")
    before = len(ran.hub.requests)
    assert "No new results" in ran.results().out
    asked = [one.method for one in ran.hub.requests[before:]]
    assert asked == ["GET", "GET", "POST", "GET"], "the comments, the merges, who we are, a status"
    assert said(ran, pull).edits == []


def test_the_first_failure_is_said_at_once_and_the_rest_is_added_to_it(ran: Scene) -> None:
    ran.project.job("slow", f"while ! test -e {ran.folder}/go; do sleep 0.1; done")
    ran.project.job("fails", "exit 3")
    pull = ran.open_pull()
    ran.comment(pull)
    ran.merge(pull)
    ran.project.reconcile()
    ran.project.gitrain("wait", "fails", code=7)

    ran.results()

    assert "fails: failed: exit code 3; 1 not finished yet" in said(ran, pull).body
    (ran.folder / "go").touch()
    ran.project.gitrain("wait", "slow")
    ran.results()
    comment = said(ran, pull)
    assert len(comment.edits) == 1
    assert "not finished yet" not in comment.body


def test_merges_whose_workflow_was_evicted_get_theirs_too(ran: Scene) -> None:
    pulls = []
    for number in range(2):
        ran.project.job(f"job-{number}")
        pull = ran.open_pull(f"change-{number}")
        ran.comment(pull)
        ran.merge(pull, "squash")
        pulls.append(pull)
    ran.project.settle()

    ran.results()

    for number, pull in enumerate(pulls):
        assert f"`job-{number}`" in said(ran, pull).body


def test_a_merge_that_computes_something_else_is_answered_by_its_own_run(ran: Scene) -> None:
    ran.project.write("src/a.txt", "1\n")
    ran.project.write("src/b.txt", "1\n")
    ran.project.job("train", "cat a.txt b.txt", code="../src")
    ran.push("main")
    ran.project.write("src/a.txt", "2\n")
    one = ran.open_pull("one")
    ran.comment(one)
    ran.main()
    ran.project.write("src/b.txt", "2\n")
    two = ran.open_pull("two")
    ran.comment(two)
    ran.merge(one)
    ran.merge(two)
    ran.project.settle()

    ran.results()

    [run] = {marker_runs(ran, pull) for pull in (one, two)}
    assert run[0].startswith("demo-train-")
    assert "since the base has changed" in said(ran, one).body


def marker_runs(scene: Scene, pull: Pull) -> tuple[str, ...]:
    marker = read_marker(said(scene, pull).body)
    assert marker
    return marker.runs


def test_a_variant_is_said_on_the_open_pull_request_and_its_merge_gets_the_status(
    ran: Scene,
) -> None:
    pull = change(ran)
    ran.project.gitrain("run", "digits", "--wait")
    ran.results()
    assert state(ran, pull.head_sha)[0] == "success"
    ran.comment(pull)

    merge = ran.merge(pull)
    ran.project.settle()
    ran.results()

    assert state(ran, merge)[0] == "success"
    assert said(ran, pull)


def test_among_many_closed_pull_requests_it_is_found(ran: Scene) -> None:
    pull = change(ran)
    merge = ran.merge(pull)
    ran.project.settle()
    for _ in range(100):
        number = ran.hub.state.number()
        ran.hub.state.issues[number] = Issue(number, "other", state="closed", updated_at="9")
        other = Pull(number, "other", merge, "main", merge, merged_at=pull.merged_at)
        ran.hub.state.pulls[number] = other
    ran.hub.state.issues[pull.number].updated_at = "1"

    ran.results()

    assert said(ran, pull)


def test_two_workflows_at_once_say_it_once(ran: Scene) -> None:
    pull = change(ran)
    ran.merge(pull)
    ran.project.settle()
    slow = ran.hub.faults.add("GET .*/comments", times=4, delay=0.5)
    started = [
        ran.project.start("github", "results", variables=ran.variables(None)) for _ in range(2)
    ]

    for process in started:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, out + err

    assert slow.struck == 4
    assert said(ran, pull)


def test_without_a_permission_it_fails_in_one_line(ran: Scene) -> None:
    pull = change(ran)
    ran.merge(pull)
    ran.project.settle()
    ran.hub.grant(pull_requests="read", statuses="write")

    ended = ran.results(code=1)

    assert ended.err.startswith("error: GITHUB_TOKEN is not allowed to comment in octo/pets")
    assert len(ended.err.splitlines()) == 1
