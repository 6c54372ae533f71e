"""A run's folder, made complete before anyone can see it."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from gitrain.atomic import write_atomically
from gitrain.errors import WorkspaceError
from gitrain.workspace import Stage, Submission
from gitrain.workspaces.folders.clock import now
from gitrain.workspaces.folders.layout import Home, RunFolder, Settings
from gitrain.workspaces.folders.locks import try_lock
from gitrain.workspaces.folders.states import Record, stored, submitted

_STALE_SECONDS = 3600
_STAGED = re.compile(
    r"(?:run-|tmp)[a-z0-9_]{8}"
)  # as `mkdtemp` names them, and earlier versions did


class StagedRun:
    """A run's folder on its way: locked by us, with the code and all that was submitted."""

    def __init__(self, home: Home) -> None:
        home.make()
        _sweep(home)
        self.folder = RunFolder(Path(tempfile.mkdtemp(prefix="run-", dir=home.staging)))
        lock = try_lock(self.folder.lock)
        if lock is None:
            raise WorkspaceError(f"{self.folder.path} is in use by another process: try again")
        self.lock = lock
        self.placed = False

    def fill(
        self, submission: Submission, settings: Settings, stage: Stage, earlier: Record | None
    ) -> None:
        write_settings(self.folder, settings)
        if submission.code is None:
            self.folder.code.mkdir()
        else:
            stage(submission.code, self.folder.code)
        record = submitted(submission.tags, now(), earlier)
        write_atomically(self.folder.submission, stored(submission))
        write_atomically(self.folder.record, msgspec.json.encode(record))

    def place(self, run_id: str) -> None:
        """Put the folder where the run belongs, all of it at once. The lock goes with it."""
        target = self.folder.home.run(run_id)
        self.folder.path.rename(target.path)
        self.folder = target
        self.placed = True

    def close(self) -> None:
        """Let go of the lock, and of a folder that was not placed."""
        self.lock.close()
        if not self.placed:
            shutil.rmtree(self.folder.path, ignore_errors=True)


def write_settings(folder: RunFolder, settings: Settings) -> None:
    """What is in force now; a run that goes on takes the new ones."""
    write_atomically(folder.settings, msgspec.json.encode(settings))


def _sweep(home: Home) -> None:
    """Remove what a reconcile that was killed left half made.

    That bears a name that we give, and a lock that nobody holds; nothing else is removed. One that
    has been there for less than an hour may not have got as far as its lock.
    """
    for path in home.staging.iterdir():
        with suppress(OSError):
            stale = time.time() - path.lstat().st_mtime > _STALE_SECONDS
            if stale and _STAGED.fullmatch(path.name) and not path.is_symlink():
                _remove_if_free(path)


def _remove_if_free(folder: Path) -> None:
    if not (folder / "lock").is_file():
        folder.rmdir()  # killed before it had one; it is empty then, or not ours
    elif (lock := try_lock(folder / "lock")) is not None:
        with closing(lock):
            shutil.rmtree(folder)
