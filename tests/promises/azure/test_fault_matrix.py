"""A sample of `make fault-matrix`: each failure once, where most depends on the answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.promises.azure.fault_matrix import Trouble, troubled
from tests.promises.azure.scene import Scene

START = "POST execution /experiments/demo/snapshotrun"
CLUSTER = "PUT compute /computes/cpu"
REGISTER = "PUT environment /environments/*/versions/*"
SAMPLE = (
    Trouble("GET compute /computes/cpu", "408"),
    Trouble("POST snapshot /snapshots/getblob", "429"),
    Trouble(CLUSTER, "500 after"),
    Trouble(REGISTER, "lost"),
    Trouble("POST experiment /experiments/demo", "truncated"),
    Trouble(START, "504"),
    Trouble(START, "lost"),
    Trouble(START, "403 …"),
    Trouble("PATCH run /experimentids/*/runs/*", "401"),
    Trouble("POST run /experiments/demo/runs:query", "404", settled=True),
)


@pytest.fixture(scope="module")
def a_scene() -> Iterator[Scene]:
    made = Scene()
    yield made
    made.close()


@pytest.fixture
def scene(a_scene: Scene) -> Scene:
    a_scene.begin()
    return a_scene


@pytest.mark.parametrize("trouble", SAMPLE, ids=lambda trouble: f"{trouble.name} {trouble.row}")
def test_a_failure_leaves_nothing_that_the_next_reconcile_cannot_finish(
    scene: Scene, trouble: Trouble
) -> None:
    ending = troubled(scene, trouble)

    assert ending.struck
    assert ending.wrong == ()


def test_what_was_written_may_be_seen_late(scene: Scene) -> None:
    for kind in ("run", "compute", "environment"):
        scene.emulator.faults.lag(kind, reads=2)

    ended = scene.gitrain("reconcile")

    assert ended.code == 0, ended
    assert scene.rests() == []


def test_a_token_that_expires_in_the_middle_is_renewed(scene: Scene) -> None:
    scene.emulator.switches.set(token_seconds=3)

    ended = scene.gitrain("reconcile")

    assert ended.code == 0, ended
    assert scene.rests() == []
