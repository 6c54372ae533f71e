"""A project in a temporary folder, of which no process outlives its test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.workspaces.local.place import Place, kill_below


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    root = tmp_path / "project"
    root.mkdir()
    yield Place(root)
    kill_below(root)
