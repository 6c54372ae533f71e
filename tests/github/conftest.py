"""A repository on GitHub with two jobs that have run, of which no process outlives its test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.processes import kill_all
from tests.github.scene import Scene


def measure(**metrics: float) -> str:
    """The command of a job that logs these metrics."""
    told = ", ".join(f'"{name}": {value}' for name, value in metrics.items())
    return f"""echo '{{"epoch": ${{{{inputs.epochs}}}}, {told}}}' > outputs/metrics.jsonl"""


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    with made.hub:
        made.project.job("digits", measure(accuracy=0.9), inputs={"epochs": 8})
        made.project.job("other")
        made.push("main")
        made.project.settle()
        yield made
    kill_all(made.project.root)
    assert made.project.bugs() == ""
    assert made.hub.unknown == made.hub.defects == []
