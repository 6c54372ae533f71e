"""Which processes are a run's. A number of a process or group is believed only with a proof.

The system gives numbers again: one that was recorded may be another program's by now.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

# How every process of a run is known, whatever group or session it moved to.
FOLDER_VARIABLE = "GITRAIN_RUN_FOLDER"
_PROC = Path("/proc")


class Process(NamedTuple):
    """A living process; `since` is when it began, in ticks since the machine did.

    Where there is no /proc, a group stands for all of its processes, as a negative `pid`.
    """

    pid: int
    parent: int
    group: int
    since: int


@dataclass(frozen=True, slots=True)
class Family:
    """The processes of a run: a group, begun by a process of the same number at `since`, and what
    was started from it.

    Ours is what is below this process, bears the run's folder in its variables, or is `known`. A
    group is ours when one of its processes is, or began it at `since`.
    """

    folder: Path
    group: int
    since: int
    known: frozenset[tuple[int, int]] = frozenset()

    def living(self) -> tuple[frozenset[Process], frozenset[Process]]:
        """Those in the group, and those that left it."""
        if not _PROC.joinpath("self").exists():
            return frozenset(self._whole_group()), frozenset()
        everyone = tuple(processes())
        below = _below(os.getpid(), everyone)
        ours = frozenset(one for one in everyone if one in below or self._knows(one))
        group = frozenset(one for one in everyone if one.group == self.group)
        if not any(one in ours or self._began(one) for one in group):
            group = frozenset()
        return group, ours - group

    def _began(self, process: Process) -> bool:
        return process.pid == self.group and process.since == self.since

    def _whole_group(self) -> Iterator[Process]:
        if self.group > 1:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.group, 0)
                yield Process(-self.group, 0, self.group, 0)

    def _knows(self, process: Process) -> bool:
        if process.pid == os.getpid():
            return False
        if (process.pid, process.since) in self.known:
            return True
        mark = f"{FOLDER_VARIABLE}={self.folder}".encode()
        with suppress(OSError):
            return mark in (_PROC / str(process.pid) / "environ").read_bytes().split(b"\0")
        return False


def holders(lock: Path) -> frozenset[tuple[int, int]]:
    """The processes that hold a lock, as `pid` and `since`: those that inherited it, whatever
    their variables are. Those that only look whether it is held do not count."""
    return frozenset((one.pid, one.since) for one in processes() if _holds(one.pid, lock))


def _holds(pid: int, lock: Path) -> bool:
    with suppress(OSError):
        wanted = lock.stat()
        for file in (_PROC / str(pid) / "fd").iterdir():
            with suppress(OSError):
                if os.path.samestat(wanted, file.stat()):
                    told = (_PROC / str(pid) / "fdinfo" / file.name).read_text()
                    if "FLOCK" in told and "WRITE" in told:
                        return True
    return False


def processes() -> Iterator[Process]:
    """Every process of the machine that is no zombie."""
    for entry in _PROC.glob("[0-9]*"):
        if (process := _read(int(entry.name))) is not None:
            yield process


def since(pid: int) -> int:
    """When a process began, in ticks since the machine did; 0 when nothing says so."""
    process = _read(pid)
    return process.since if process else 0


def send(number: signal.Signals, to: Iterable[Process]) -> None:
    """Signal these processes, and none that got the number of one since."""
    for process in to:
        with suppress(ProcessLookupError, PermissionError):
            if process.pid < 0 or not hasattr(os, "pidfd_open"):
                os.kill(process.pid, number)
                continue
            held = os.pidfd_open(process.pid)
            try:
                if since(process.pid) == process.since:
                    signal.pidfd_send_signal(held, number)
            finally:
                os.close(held)


def _below(pid: int, everyone: Iterable[Process]) -> frozenset[Process]:
    """All that descend from a process."""
    children: dict[int, list[Process]] = {}
    for process in everyone:
        children.setdefault(process.parent, []).append(process)
    found: set[Process] = set()
    left = [pid]
    while left:
        new = [child for child in children.get(left.pop(), ()) if child not in found]
        found.update(new)
        left += [child.pid for child in new]
    return frozenset(found)


def _read(pid: int) -> Process | None:
    with suppress(OSError, ValueError, IndexError):
        # The name before the last parenthesis may hold anything.
        text = _PROC.joinpath(str(pid), "stat").read_text(errors="replace")
        status = text.rpartition(")")[2].split()
        if status[0] not in ("Z", "X"):
            return Process(pid, int(status[1]), int(status[2]), int(status[19]))
    return None
