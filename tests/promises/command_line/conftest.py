"""A project in a temporary folder, of which no process outlives its test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.promises.command_line.processes import kill_all
from tests.promises.command_line.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "demo")
    yield made
    kill_all(made.root)
    assert made.bugs() == ""
