"""Repositories on GitHub with two jobs, of which no process outlives its test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.promises.command_line.processes import kill_all
from tests.promises.github.scene import Scene


def measure(**metrics: float) -> str:
    """The command of a job that logs these metrics, for each of two epochs."""
    told = ", ".join(f'"{name}": {value}' for name, value in metrics.items())
    lines = "\\n".join(f'{{"epoch": {epoch}, {told}}}' for epoch in (1, 2))
    return f"printf '{lines}\\n' > outputs/metrics.jsonl; echo ${{{{inputs.epochs}}}}"


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Nothing has run yet."""
    made = Scene(tmp_path)
    with made.hub:
        made.project.job("digits", measure(accuracy=0.9), inputs={"epochs": 8})
        made.project.job("other")
        made.push("main")
        yield made
    kill_all(made.project.root)
    assert made.project.bugs() == ""
    assert made.hub.unknown == made.hub.defects == []


@pytest.fixture
def ran(scene: Scene) -> Scene:
    """All that main wants has run."""
    scene.project.settle()
    return scene
