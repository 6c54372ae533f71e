"""The process that a run lives in: it waits for a slot, runs the command and records the end.

It outlives the reconcile that started it, so that a later one knows how the run ended although it
was not its parent. Killed, it leaves no end, and the run goes on when it is submitted again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from gitrain.errors import WorkspaceError
from gitrain.identity import unflat
from gitrain.observed import Phase
from gitrain.workspace import Submission
from gitrain.workspaces.folders import states
from gitrain.workspaces.folders.clock import now
from gitrain.workspaces.folders.layout import RunFolder, Settings
from gitrain.workspaces.folders.locks import Lock, try_lock
from gitrain.workspaces.folders.outputs import last_line
from gitrain.workspaces.folders.regular_files import UnfitFileError, append_to, read
from gitrain.workspaces.folders.states import OwnFaultError, Record
from gitrain.workspaces.local.ledger.runs import Ledger
from gitrain.workspaces.local.process import group as process
from gitrain.workspaces.local.process.family import Family, holders
from gitrain.workspaces.local.process.kernel import adopt_orphans, never_stop_for_long
from gitrain.workspaces.local.process.launch import Launch
from gitrain.workspaces.local.process.slots import take_slot
from gitrain.workspaces.local.process.virtualenv import BuildError, ready_environment
from gitrain.workspaces.local.process.watch import Watch

_QUEUE_TICK = 0.2
# How long a full disk or a busy ledger may keep an end from being recorded, before it is lost.
_RETRIES = (0.1, 1, 5, 15, 30, 60)


class StoppedError(Exception):
    """The run is to stop: it was canceled, or its folder was deleted."""


class Supervisor:
    """Takes one run from the queue to its end; `lock` is the run's, and held already."""

    def __init__(self, folder: RunFolder, lock: Lock) -> None:
        self.folder = folder
        self.locks = [lock]
        self.ledger = Ledger(folder.home)
        self.settings = _settings(folder)
        self.submission = unflat(read(folder.path, folder.submission.name), Submission)
        self.launch = Launch(
            self.submission, folder, Path(self.settings.root), self.settings.environment
        )
        self.watch = Watch(folder.record)

    def run(self) -> None:
        """Every end of a run passes here; a preempted one leaves without one."""
        try:
            self._change(states.confirmed)
            self._wait_for_slot()
            if self._change(states.preparing).phase is Phase.PREPARING:
                self._run()
        except StoppedError:
            self._change(lambda record: states.canceled(record, now()))
        except OwnFaultError as error:
            reason = str(error)
            self._change(lambda record: states.failed(record, reason, now()))
        except Exception as error:
            self._tell(error)
            raise
        # Released, not closed: a daemon that the command left behind must not hold them. Nor in a
        # `finally`: when we break, the command that goes on must keep them.
        for lock in self.locks:
            lock.release()

    def _tell(self, error: Exception) -> None:
        """Say what broke us: whoever sees that the run has no supervisor finds it there."""
        reason = f"its supervisor failed: {error!r:.300}; see {self.folder.supervisor_log}"
        with suppress(WorkspaceError):
            self._change(lambda record: states.broken(record, reason))

    def _wait_for_slot(self) -> None:
        while (slot := take_slot(self.folder.home, self.settings.slots, self._ahead)) is None:
            self._pause()
        self.locks.append(slot)

    def _ahead(self, limit: int) -> int:
        """How many earlier runs wait too; those whose supervisor is gone wait for nothing."""
        count = 0
        number = self.ledger.get(self.submission.run_id).number
        for run_id in self.ledger.waiting(number):
            count += self.folder.home.run(run_id).alive
            if count == limit:
                break
        return count

    def _pause(self) -> None:
        if self.watch.stop_asked():
            raise StoppedError
        time.sleep(_QUEUE_TICK)

    def _run(self) -> None:
        self.launch.make_folders()
        self._begin()
        use = self.submission.environment
        try:
            environment = ready_environment(use, self.folder.home, self._step, self._pause)
        except BuildError as error:
            name, code, line = use.name if use else "", error.code, last_line(self.folder.log)
            self._change(lambda record: states.unbuilt(record, name, code, line, now()))
            return
        group = self._start(self.launch.command, self.launch.ranks(environment), self.folder.code)
        self._change(lambda record: states.running(record, group.id, group.since, now()))
        code = self._attend(group, self.submission.spec.limits.timeout)
        self._finish(group, code)

    def _begin(self) -> None:
        """Mark in the log where a preempted run goes on; clear what a completed attempt left."""
        given = self.submission.identity
        starts = self.ledger.get(given.run_id).record.starts
        if starts > 1:
            line = f"gitrain: preempted, goes on ({starts - 1} of {states.RESTARTS})\n"
            with append_to(self.folder.log) as log:
                log.write(line.encode())
        elif self.ledger.completed(given.project, given.job, given.digest):
            self.launch.clear_checkpoints()

    def _step(self, arguments: Sequence[str], folder: Path, lock: Lock) -> int:
        """A step of an environment's build: stopped like the command, but under no timeout."""
        rank = process.Rank(self.launch.build_variables, self.folder.log)
        return self._attend(self._start(arguments, (rank,), folder, lock), None)

    def _start(
        self, arguments: Sequence[str], ranks: Sequence[process.Rank], folder: Path, *more: Lock
    ) -> process.Group:
        inherited = [lock.fd for lock in (*self.locks, *more)]
        try:
            return process.start(arguments, ranks, folder, inherited)
        except (OSError, UnfitFileError, ValueError) as error:
            raise OwnFaultError(f"the command could not be started: {error}") from error

    def _attend(self, group: process.Group, timeout: int | None) -> int:
        """Wait for the end and return the exit code.

        Raises StoppedError when it was canceled, OwnFaultError when its time was over; the
        processes are ended by then.
        """
        begun = time.monotonic()
        while (code := group.exit_code()) is None:
            if self.watch.stop_asked():
                self._end(group, None)
                raise StoppedError
            if timeout is not None and time.monotonic() - begun >= timeout:
                self._end(group, None)
                raise OwnFaultError(f"timed out after {timeout} s")
            time.sleep(process.TICK)
        return code

    def _finish(self, group: process.Group, code: int) -> None:
        """Record the end once what the command left behind is ended, too."""
        if any(self._family(group).living()):
            self._end(group, code)
        if code == 0 and self.launch.checkpoints is not None:
            # Decided first: losing both the checkpoints and the end would train all over again.
            self._change(lambda record: states.finishing(record, code))
            self.launch.clear_checkpoints()
        self._change(lambda record: states.exited(record, code, now()))

    def _end(self, group: process.Group, code: int | None) -> None:
        self._change(lambda record: states.finishing(record, code))
        process.end(self._family(group), self.settings.grace, group.reap)

    def _family(self, group: process.Group) -> Family:
        return Family(self.folder.path, group.id, group.since)

    def _change(self, change: Callable[[Record], Record]) -> Record:
        """Record a change; whatever becomes of a run whose folder was deleted is kept nowhere."""
        for wait in _RETRIES:
            if not self.folder.path.exists():
                return Record(phase=Phase.CANCELED)
            try:
                return self.ledger.change(self.submission.run_id, change).record
            except WorkspaceError:
                time.sleep(wait)
        return self.ledger.change(self.submission.run_id, change).record


def _settings(folder: RunFolder) -> Settings:
    return msgspec.json.decode(read(folder.path, folder.settings.name), type=Settings)


def end_orphan(folder: RunFolder) -> None:
    """End a command that was canceled and whose own supervisor is gone, and record it."""
    settings = _settings(folder)
    ledger = Ledger(folder.home)
    record = ledger.get(folder.path.name).record
    # Not below us. Asked once, as whoever takes the lock when they have ended is none of them.
    known = holders(folder.lock)
    process.end(Family(folder.path, record.group, record.since, known), settings.grace)
    ledger.change(folder.path.name, lambda record: states.canceled(record, now()))


def main(path: str, lock: int, task: str) -> None:
    """Supervise a run, holding its lock as a file descriptor; or, task `end`, end an orphan."""
    never_stop_for_long()
    adopt_orphans()
    folder = RunFolder(Path(path))
    # Held until we exit, and inherited by none.
    if try_lock(folder.supervisor_lock) is None:
        return
    if task == "end":
        end_orphan(folder)
    else:
        Supervisor(folder, Lock(lock)).run()
