"""A run's processes: started as one group, watched, and ended to the last of them."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gitrain.workspaces.folders.regular_files import append_to

# How every process of a run is known, whatever group or session it moved to.
FOLDER_VARIABLE = "GITRAIN_RUN_FOLDER"
OUR_VARIABLES = ("GITRAIN_RUN_ID", "GITRAIN_JOB", "GITRAIN_CHECKPOINT_DIR", FOLDER_VARIABLE)
TICK = 0.05
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Rank:
    """One process to start: its variables, and the file that its output is appended to."""

    variables: Mapping[str, str]
    log: Path


class Group:
    """The processes of one command, in a process group of their own."""

    def __init__(self, processes: Sequence[subprocess.Popen[bytes]]) -> None:
        self._processes = tuple(processes)
        self.id = processes[0].pid

    def exit_code(self) -> int | None:
        """That of a process that failed, or 0 when all are done, else None; 128+n for signal n."""
        codes = [process.poll() for process in self._processes]
        failures = [code for code in codes if code]
        if failures:
            return failures[0] if failures[0] > 0 else 128 - failures[0]
        return None if None in codes else 0

    def reap(self) -> None:
        for process in self._processes:
            process.poll()


def start(
    arguments: Sequence[str], ranks: Sequence[Rank], folder: Path, inherited: Sequence[int]
) -> Group:
    """Start one process a rank; all inherit the file descriptors, and so the locks behind them."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for rank in ranks:
            # None is polled before all are started, so that the first one's group still exists.
            group = processes[0].pid if processes else 0
            processes.append(_start(arguments, rank, folder, inherited, group))
    except BaseException:
        for process in processes:
            process.kill()
        raise
    return Group(processes)


def _start(
    arguments: Sequence[str], rank: Rank, folder: Path, inherited: Sequence[int], group: int
) -> subprocess.Popen[bytes]:
    with append_to(rank.log) as log:
        return subprocess.Popen(
            arguments,
            cwd=folder,
            env=rank.variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=inherited,
            process_group=group,
        )


def end(group: int, folder: Path, grace: float, reap: Callable[[], None] = lambda: None) -> None:
    """SIGTERM, then SIGKILL after `grace` seconds: to the group and all that was started from it.

    Returns when none of them is left. Each is asked once, and what left the group only when the
    group is gone: launchers pass the request on, and many programs take a second for impatience.
    """
    asked = {*_group(group)}
    _send(signal.SIGTERM, asked)
    deadline = time.monotonic() + grace
    while left := {*_group(group)} or {*_strays(group, folder)}:
        reap()
        if time.monotonic() >= deadline:
            _send(signal.SIGKILL, {*left, *_strays(group, folder)})
        elif left.isdisjoint(asked) and not any(_group(group)):
            _send(signal.SIGTERM, left)
            asked |= left
        time.sleep(TICK)
    reap()


def any_left(group: int, folder: Path) -> bool:
    """Whether a process of the run is alive; zombies are not."""
    return any(True for _ in _group(group)) or any(True for _ in _strays(group, folder))


def _send(number: signal.Signals, pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _group(group: int) -> Iterator[int]:
    """The living members of a group; where there is no /proc, the group itself as a negative id."""
    if group <= 1:
        return
    if not _PROC.joinpath("self").exists():
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, 0)
            yield -group
        return
    for pid, status in _processes():
        if int(status[2]) == group:
            yield pid


def _strays(group: int, folder: Path) -> Iterator[int]:
    """Processes that left the group, as daemons and some launchers' workers do (Linux only)."""
    mark = f"{FOLDER_VARIABLE}={folder}".encode()
    for pid, status in _processes():
        if int(status[2]) == group or pid == os.getpid():
            continue
        with suppress(OSError):
            if mark in _PROC.joinpath(str(pid), "environ").read_bytes().split(b"\0"):
                yield pid


def _processes() -> Iterator[tuple[int, list[str]]]:
    """Each process that is no zombie, and its status: state, parent, group, and more."""
    for entry in _PROC.glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            # The name before the last parenthesis may hold anything.
            status = entry.joinpath("stat").read_text(errors="replace").rpartition(")")[2].split()
            if status[0] not in ("Z", "X"):
                yield int(entry.name), status
