"""A run's processes: started as one group, watched, and ended to the last of them."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gitrain.workspaces.folders.regular_files import append_to
from gitrain.workspaces.local.process.family import FOLDER_VARIABLE, Family, send, since
from gitrain.workspaces.local.process.kernel import reap_orphans

OUR_VARIABLES = ("GITRAIN_RUN_ID", "GITRAIN_JOB", "GITRAIN_CHECKPOINT_DIR", FOLDER_VARIABLE)
TICK = 0.05


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
        # Nobody has waited for it yet, so the number is its own.
        self.since = since(self.id)

    def exit_code(self) -> int | None:
        """That of a process that failed, or 0 when all are done, else None; 128+n for signal n."""
        codes = [process.poll() for process in self._processes]
        reap_orphans(frozenset(one.pid for one in self._processes if one.returncode is None))
        failures = [code for code in codes if code]
        if failures:
            return failures[0] if failures[0] > 0 else 128 - failures[0]
        return None if None in codes else 0

    def reap(self) -> None:
        """Wait for those that have ended, and for what they left behind and has ended, too."""
        running = frozenset(one.pid for one in self._processes if one.poll() is None)
        reap_orphans(running)


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


def end(family: Family, grace: float, reap: Callable[[], None] = lambda: None) -> None:
    """SIGTERM, then SIGKILL after `grace` seconds: to the group and all that was started from it.

    Returns when none of them is left. Each is asked once, and what left the group only when the
    group is gone: launchers pass the request on, and many programs take a second for impatience.
    """
    asked, _ = family.living()
    send(signal.SIGTERM, asked)
    deadline = time.monotonic() + grace
    while any(living := family.living()):
        group, strays = living
        reap()
        if time.monotonic() >= deadline:
            send(signal.SIGKILL, group | strays)
        elif not group and strays.isdisjoint(asked):
            send(signal.SIGTERM, strays)
            asked |= strays
        time.sleep(TICK)
    reap()
