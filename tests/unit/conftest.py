"""Both YAML parsers, projects made of real files, and an empty workspace in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitrain.load.manifests import Loaded, load
from gitrain.yaml import events
from tests.unit.plan.build import World

PROJECT = """\
apiVersion: gitrain/v1
kind: Project
metadata: {name: pets}
spec:
  workspaces:
    local: {type: local}
    azure: {type: azureml, vars: {data_root: "azureml://datastores/w/paths/pets", nodes: 2}}
"""


@pytest.fixture(params=["c", "pure"])
def parser(request, monkeypatch):
    """Runs a test with the C parser and with the pure one."""
    if request.param == "pure":
        monkeypatch.setattr(events, "CParser", None)
    elif events.CParser is None:
        pytest.skip("ruamel.yaml's C parser is not installed")
    return request.param


class Project:
    """A project in a folder; `loaded` reads what has been written so far."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("gitrain.yaml", PROJECT)
        (root / "jobs").mkdir()

    def write(self, file: str, text: str | bytes) -> Path:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def loaded(self) -> Loaded:
        return load(self.root)

    def found(self) -> list[str]:
        """Every problem as `file:line:column code`."""
        return [f"{problem.location} {problem.code}" for problem in self.loaded().problems]

    def job(self, name: str, workspace: str = "azure"):
        """The job of this name, as it is in a workspace."""
        manifests = self.loaded().manifests
        return next(d for d in manifests.documents(workspace) if d.name == name)


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def job(name: str = "train", spec: str = "{command: python train.py}", rest: str = "") -> str:
    """A Job manifest; `rest` follows its spec."""
    return f"apiVersion: gitrain/v1\nkind: Job\nmetadata: {{name: {name}}}\nspec: {spec}\n{rest}"


@pytest.fixture
def world() -> World:
    return World()
