"""What became of a pull request's runs: said once, where the change was reviewed."""

from __future__ import annotations

import pytest

from tests.github.conftest import measure
from tests.github.scene import Scene
from tests.github_api.state import Comment, Pull


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
    scene: Scene, how: str
) -> None:
    pull = change(scene)
    merge = scene.merge(pull, how)
    assert "No new results" in scene.results().out, "it has not run yet"
    scene.project.settle()

    ended = scene.results()

    assert ended.out == f"#{pull.number}: success: 1 run completed\n"
    body = said(scene, pull).body
    assert "### ✅ local: 1 run completed" in body
    assert "| `accuracy` | 0.95 | 0.9 | +0.05 |" in body
    for commit in (pull.head_sha, merge):
        assert state(scene, commit) == ("success", "1 run completed")
    before = len(scene.hub.requests)
    assert "No new results" in scene.results().out
    assert [one.method for one in scene.hub.requests[before:]] == ["GET", "GET"]
    assert said(scene, pull).edits == []
