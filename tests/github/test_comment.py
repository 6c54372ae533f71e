"""The plan on a pull request: one comment, edited; a status; and never more than GitHub allows."""

from __future__ import annotations

from gitrain.report.marker import read_marker
from tests.github.conftest import measure
from tests.github.scene import Scene


def epochs(scene: Scene, number: int) -> None:
    scene.project.job("digits", measure(accuracy=0.9), inputs={"epochs": number})


def test_a_change_is_one_comment_with_one_submit(scene: Scene) -> None:
    epochs(scene, 9)
    pull = scene.open_pull()

    ended = scene.comment(pull)

    comment = scene.plan_comment(pull)
    assert "inputs.epochs 8 → 9" in comment.body
    assert "1 to submit" in comment.body
    link = f"{scene.hub.web}/octo/pets/blob/{pull.head_sha}/jobs/digits.yaml#L1"
    assert link in comment.body
    marker = read_marker(comment.body)
    assert marker
    assert marker.workspace == "local"
    [run] = marker.runs
    assert run.startswith("demo-digits-")
    assert "1 to submit" in ended.last_line
    assert "1 to submit" in scene.summary
    status = scene.status(pull.head_sha)
    assert status
    assert (status.state, status.description) == ("pending", "1 run to come after the merge")
