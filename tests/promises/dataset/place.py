"""A workspace in memory that also has datasets, and keeps those from one command to the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from gitrain.observed import Observed
from gitrain.workspace import Query, Stage
from gitrain.workspaces.memory import MemoryWorkspace


class DatasetState(msgspec.Struct, frozen=True):
    """A dataset as it exists."""

    project: str
    rows: int


class Place(MemoryWorkspace):
    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        text = file.read_bytes() if file.exists() else b"{}"
        self._datasets = msgspec.json.decode(text, type=dict[str, DatasetState])

    def observe(self, query: Query) -> Observed:
        named = query.others["Dataset"]
        found = {
            name: state
            for name, state in self._datasets.items()
            if name in named or state.project == query.project
        }
        seen = super().observe(query)
        return msgspec.structs.replace(seen, others={"Dataset": found})

    def write(self, name: str, state: DatasetState) -> None:
        self._datasets[name] = state
        self._keep()

    def drop(self, name: str) -> None:
        self._datasets.pop(name, None)
        self._keep()

    def _keep(self) -> None:
        self._file.write_bytes(msgspec.json.encode(self._datasets))


def open_workspace(name: str, spec: Any, root: Path, stage: Stage) -> Place:
    """The workspace of the project at `root`; its datasets are kept next to that folder."""
    return Place(root.parent / "datasets.json")
