"""Where everything is in a local workspace's folder, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec

from gitrain.home import claim_home
from gitrain.workspaces.folders.locks import held


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a run's supervisor is told by the reconcile that started it.

    `root` is the project's root, `slots` the most runs at once, `grace` the seconds between the
    request to stop and the kill. `environment` names the variables that runs get of the shell,
    besides those that all get.
    """

    root: str
    slots: int
    grace: float
    environment: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run's folder: what was submitted, what became of it, and its working folder."""

    path: Path

    @property
    def home(self) -> Home:
        return Home(self.path.parent.parent)

    @property
    def lock(self) -> Path:
        """Held by whoever the run lives in: its supervisor and its command."""
        return self.path / "lock"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the supervisor alone: free while `lock` is not, the command is an orphan."""
        return self.path / "supervisor.lock"

    @property
    def submission(self) -> Path:
        return self.path / "submission.json"

    @property
    def record(self) -> Path:
        return self.path / "record.json"

    @property
    def settings(self) -> Path:
        return self.path / "settings.json"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def supervisor_log(self) -> Path:
        return self.path / "supervisor.txt"

    @property
    def code(self) -> Path:
        """The working folder: the staged code."""
        return self.path / "code"

    @property
    def alive(self) -> bool:
        try:
            return held(self.lock)
        except OSError:
            # The run itself took it out of our reach: that is not for the other runs to suffer.
            return False

    @property
    def orphaned(self) -> bool:
        """Whether the command goes on without its supervisor."""
        return self.alive and not held(self.supervisor_lock)

    def rank_log(self, rank: int) -> Path:
        return self.log if rank == 0 else self.path / f"rank-{rank}.txt"

    def output(self, name: str) -> Path:
        return self.path / "outputs" / name


@dataclass(frozen=True, slots=True)
class Home:
    """The workspace's folder, `.gitrain` by default."""

    path: Path

    @property
    def ledger(self) -> Path:
        return self.path / "ledger.db"

    @property
    def runs(self) -> Path:
        return self.path / "runs"

    @property
    def adoptions(self) -> Path:
        return self.path / "adoptions"

    @property
    def staging(self) -> Path:
        return self.path / "staging"

    @property
    def slots(self) -> Path:
        return self.path / "slots"

    def run(self, run_id: str) -> RunFolder:
        return RunFolder(self.runs / run_id)

    def environment(self, version: str) -> Path:
        return self.path / "environments" / version

    def checkpoints(self, project: str, job: str, digest: str) -> Path:
        return self.path / "checkpoints" / project / job / digest

    def make(self) -> None:
        """Make the folder and its parts. Raises HomeError when something else made it."""
        claim_home(self.path)
        for part in (self.runs, self.staging, self.slots):
            part.mkdir(exist_ok=True)
