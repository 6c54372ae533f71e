"""A type of workspace that gitrain has never heard of: a folder that keeps what has run.

A run is carried out by the submit that asks for it: when that returns, the run has ended.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from gitrain.desired import DataPath, DesiredEnvironment, Input, Text
from gitrain.errors import WorkspaceError
from gitrain.expressions import substitute
from gitrain.identity import thawed
from gitrain.manifest import WorkspaceSpec
from gitrain.observed import Phase, Run
from gitrain.workspace import Stage, Submission, Workspace
from gitrain.workspace_types import DataPaths, Environments, Treatment, Verdict, WorkspaceType
from gitrain.workspaces.memory import MemoryWorkspace


class ShelfWorkspace(WorkspaceSpec, frozen=True, kw_only=True, tag="shelf", tag_field="type"):
    """A folder that keeps what has run."""

    board: Annotated[str, Meta(min_length=1, description="The folder, relative to the project.")]


SHELF = WorkspaceType(
    spec=ShelfWorkspace,
    module=__name__,
    clusters=False,
    environments=Environments.REGISTERED,
    data=DataPaths.FILES,
    asks=True,
    clean=True,
    limits_submits=True,
    every_job=True,
    fields={
        "Job.spec.compute": Treatment(Verdict.IGNORED, "a shelf has one place"),
        "Job.spec.outputs.mode": Treatment(Verdict.REPLACED, "a folder on the shelf is used"),
        "Job.spec.distribution": Treatment(Verdict.REFUSED, "a shelf starts one process"),
        "Environment.spec.registry": Treatment(Verdict.REFUSED, "a shelf pulls no image"),
    },
)


class Kept(msgspec.Struct):
    """What the file on the shelf says."""

    runs: dict[str, Run] = {}
    environments: dict[str, set[str]] = {}
    texts: dict[str, str] = {}


def open_workspace(name: str, spec: WorkspaceSpec, root: Path, stage: Stage) -> Workspace:
    """Open the shelf; creates nothing."""
    if not isinstance(spec, ShelfWorkspace):
        raise WorkspaceError(f"workspace {name} is not of type shelf")
    return Shelf(root, spec.board)


class Shelf(MemoryWorkspace):
    """A workspace whose memory is a file."""

    def __init__(self, root: Path, board: str) -> None:
        super().__init__()
        self.place = board
        self._root = root
        self._file = root / board / "shelf.json"
        kept = Kept()
        if self._file.exists():
            kept = msgspec.json.decode(self._file.read_bytes(), type=Kept)
        self.runs, self.environments, self.texts = kept.runs, kept.environments, kept.texts

    def register_environment(self, environment: DesiredEnvironment) -> None:
        super().register_environment(environment)
        self._keep()

    def submit(self, submission: Submission) -> Run:
        run = super().submit(submission)
        if run.live:
            places = {name: self._place(value) for name, value in submission.inputs.items()}
            command = substitute(submission.spec.command, places, {})
            ended = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
            self.texts[run.id] = ended.stdout + ended.stderr
            phase = Phase.FAILED if ended.returncode else Phase.COMPLETED
            self.go(run.id, phase, exit_code=ended.returncode)
            self._keep()
        return self.runs[run.id]

    def _place(self, value: Input) -> str:
        assert isinstance(value, Text | DataPath)
        return value.text if isinstance(value, Text) else str(self._root / value.path)

    def _keep(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        kept = Kept(self.runs, self.environments, self.texts)
        self._file.write_bytes(msgspec.json.encode(kept, enc_hook=thawed, order="deterministic"))
