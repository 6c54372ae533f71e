"""A sample of `make kill-matrix`: the requests between which most is left half done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.promises.azure.kill_matrix import Moment, killed
from tests.promises.azure.scene import Scene
from tests.promises.azure.words import pattern

SAMPLE = (
    ("PUT compute /computes/cpu", 1, "after"),
    ("PUT environment /environments/*/versions/*", 2, "after"),
    ("POST experiment /experiments/demo", 1, "after"),
    ("POST execution /experiments/demo/snapshotrun", 1, "before"),
    ("POST execution /experiments/demo/snapshotrun", 2, "after"),
    ("PATCH run /experimentids/*/runs/*", 3, "before"),
)


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.close()


@pytest.mark.parametrize(("request_shape", "nth", "when"), SAMPLE)
def test_a_reconcile_that_is_killed_is_finished_by_the_next(
    scene: Scene, request_shape: str, nth: int, when: str
) -> None:
    scene.begin()

    healed = killed(scene, Moment(when, nth, pattern(request_shape)))

    assert healed.request == request_shape
    assert (healed.wrong, healed.duplicates, healed.orphans) == ((), 0, 0)
