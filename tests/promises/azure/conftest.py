"""One emulator for each module of tests, empty for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.azure.emulator import Emulator
from tests.promises.azure.azure import a_project, broken
from tests.promises.command_line.project import Project


@pytest.fixture(scope="module")
def the_emulator() -> Iterator[Emulator]:
    with Emulator("proxy", collect_seconds=0.1, grace_seconds=1.0) as emulator:
        yield emulator


@pytest.fixture
def emulator(the_emulator: Emulator) -> Iterator[Emulator]:
    """Empty; and at the end of the test nothing was asked for but what it knows."""
    the_emulator.reset()
    yield the_emulator
    assert broken(the_emulator) == []


@pytest.fixture
def project(tmp_path: Path, emulator: Emulator) -> Iterator[Project]:
    made = a_project(tmp_path / "demo", emulator)
    yield made
    assert made.bugs() == ""
