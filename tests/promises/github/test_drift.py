"""One issue that is open while a workspace differs from main."""

from __future__ import annotations

from tests.doubles.github.state import Issue
from tests.promises.github.scene import Scene


def issues(scene: Scene) -> list[Issue]:
    pulls = scene.hub.state.pulls
    return [one for one in scene.hub.state.issues.values() if one.number not in pulls]


def test_an_issue_is_opened_kept_current_and_closed(scene: Scene) -> None:
    scene.drift()

    [issue] = issues(scene)
    assert issue.title == "local differs from the manifests: 2 submits"
    assert issue.labels == ["gitrain"]
    assert "`Job/digits`" in issue.body
    updated = issue.updated_at
    assert "is up to date" in scene.drift().out
    assert issue.updated_at == updated

    scene.project.job("third")
    scene.push("main")
    scene.drift()
    assert [one.title for one in issues(scene)] == ["local differs from the manifests: 3 submits"]

    scene.project.settle()
    ended = scene.drift()

    assert ended.out == f"local matches its manifests: closed issue #{issue.number}\n"
    assert (issue.state, len(issues(scene))) == ("closed", 1)
    [comment] = scene.hub.state.comments_on(issue.number)
    assert comment.body.startswith("The workspace matches the manifests again, at ")


def test_a_workspace_that_matches_has_no_issue(ran: Scene) -> None:
    assert ran.drift().out == "local matches its manifests\n"
    assert issues(ran) == []


def test_a_label_that_was_dropped_does_not_make_a_second_issue(scene: Scene) -> None:
    scene.drift()
    issues(scene)[0].labels.clear()

    scene.drift()

    assert len(issues(scene)) == 1


def test_a_strangers_issue_is_left_alone(scene: Scene) -> None:
    number = scene.hub.state.number()
    forged = Issue(number, "mine", "<!-- gitrain:drift workspace=local -->\nhello", "eve")
    scene.hub.state.issues[number] = forged

    scene.drift()

    assert (forged.title, forged.body[-5:]) == ("mine", "hello")
    assert len(issues(scene)) == 2
