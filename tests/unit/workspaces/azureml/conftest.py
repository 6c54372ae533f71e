"""The emulator, empty, and the adapter on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from gitrain.workspaces.azureml.workspace import AzuremlRuns
from tests.doubles.azure.emulator import Emulator
from tests.unit.workspaces.azureml.place import a_workspace, emulated


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with emulated() as emulator:
        yield emulator


@pytest.fixture
def workspace(emulator: Emulator, tmp_path: Path) -> AzuremlRuns:
    return a_workspace(tmp_path)
