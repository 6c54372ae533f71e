"""What the tests of the local workspace share: a project, its runs, and their processes."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from gitrain.desired import Code
from gitrain.manifest import JobSpec
from gitrain.observed import Observed, Phase, Run
from gitrain.workspace import Query, Submission
from gitrain.workspace_types import LocalWorkspace
from gitrain.workspaces.folders.layout import RunFolder
from gitrain.workspaces.local.ledger.recovery import read_record
from gitrain.workspaces.local.workspace import LocalRuns
from tests import runs

LIMIT = 30.0


def a_submission(
    command: str = "true", *, spec: dict[str, Any] | None = None, **given: Any
) -> Submission:
    return runs.a_submission(JobSpec(command=command, **(spec or {})), **given)


class Place:
    """A project with a local workspace. `marks` is a file that commands append lines to."""

    def __init__(self, root: Path, *, slots: int = 4, grace: float = 2.0) -> None:
        self.root = root
        self.marks = root / "marks"
        self.workspace = self.open(slots=slots, grace=grace)

    def open(self, *, slots: int = 4, grace: float = 2.0) -> LocalRuns:
        return LocalRuns(LocalWorkspace(slots=slots), self.root, copy_code, grace=grace)

    def submit(self, command: str = "true", **given: Any) -> Run:
        return self.workspace.submit(a_submission(command, **given))

    def observe(self, *run_ids: str) -> Observed:
        return self.workspace.observe(Query(project="pets", run_ids=run_ids))

    def run(self, run_id: str) -> Run:
        return next(run for run in self.observe().runs if run.id == run_id)

    def folder(self, run: Run) -> RunFolder:
        return self.workspace.home.run(run.id)

    def log(self, run: Run) -> str:
        return "".join(self.workspace.logs(run))

    def marked(self) -> list[str]:
        return self.marks.read_text().splitlines() if self.marks.exists() else []

    def mark(self, text: str) -> str:
        """The command that appends a line to the marks."""
        return f"echo {text} >> {self.marks}"

    def wait(self, run: Run, *phases: Phase) -> Run:
        """The run once it has reached one of the phases, by default the last one."""
        wanted = phases or (Phase.COMPLETED, Phase.FAILED, Phase.CANCELED)
        until(lambda: self.run(run.id).phase in wanted)
        return self.run(run.id)

    def wait_preempted(self, run: Run) -> Run:
        until(lambda: self.run(run.id).preempted)
        return self.run(run.id)

    def wait_confirmed(self, run: Run) -> None:
        """Wait until the run's supervisor has said that it lives."""
        until(lambda: read_record(self.folder(run)).unconfirmed == 0)

    def wait_lost(self, run: Run) -> None:
        """Wait until nobody holds the run."""
        until(lambda: not self.folder(run).alive)

    def wait_marked(self, count: int = 1) -> list[str]:
        until(lambda: len(self.marked()) >= count)
        return self.marked()

    def supervisor(self, run: Run) -> int:
        """The process id of a run's supervisor."""
        path = str(self.folder(run).path)
        return next(pid for pid, words in _commands() if path in words and "-c" in words)

    def command(self, run: Run) -> int:
        """The process id of a run's command, which leads its group."""
        mark = f"GITRAIN_RUN_FOLDER={self.folder(run).path}"
        return min(pid for pid in with_variable(mark) if _leads(pid))

    def kill_supervisor(self, run: Run) -> None:
        pid = self.supervisor(run)
        os.kill(pid, signal.SIGKILL)
        until(lambda: not alive(pid))

    def kill_command(self, run: Run, number: int = signal.SIGKILL) -> None:
        os.killpg(self.command(run), number)

    def kill_everything(self, run: Run) -> None:
        """As when the machine loses its power."""
        for pid in (self.supervisor(run), -self.command(run)):
            os.kill(pid, signal.SIGKILL)


def copy_code(code: Code, destination: Path) -> None:
    shutil.copytree(code.folder, destination)


def until(condition: Callable[[], bool], limit: float = LIMIT) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def kill_below(root: Path) -> None:
    """End what a test left running in its folder."""
    for pid, words in _commands():
        if any(word.startswith(str(root)) for word in words):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    for pid in with_variable(f"GITRAIN_RUN_FOLDER={root}"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _leads(pid: int) -> bool:
    try:
        return os.getpgid(pid) == pid
    except ProcessLookupError:
        return False


def _commands() -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = entry.joinpath("cmdline").read_bytes().decode(errors="replace").split("\0")
            if alive(int(entry.name)):
                yield int(entry.name), words


def with_variable(start: str) -> Iterator[int]:
    for pid, _ in _commands():
        with suppress(OSError):
            variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            if any(variable.startswith(start.encode()) for variable in variables):
                yield pid
