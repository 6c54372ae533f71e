"""The processes of a project's runs, found and killed as the world would do it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path


def until(condition: Callable[[], object], limit: float = 30.0) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def supervisors(root: Path) -> list[int]:
    """Those who watch over the runs of a project."""
    runs = f"{root}/.gitrain/runs/"
    return [pid for pid, words in _commands() if any(word.startswith(runs) for word in words)]


def trainers(root: Path) -> list[int]:
    """The processes of the commands of a project's runs."""
    mark = f"GITRAIN_RUN_FOLDER={root}/".encode()
    return [pid for pid, _ in _commands() if any(v.startswith(mark) for v in _variables(pid))]


def kill(pids: list[int]) -> None:
    """End them at once, without a word, and wait until they are gone."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: not any(map(_alive, pids)))


def terminate_groups(pids: list[int]) -> None:
    """Ask the process groups of some processes to end; those that are gone already, are."""
    groups: set[int] = set()
    for pid in pids:
        with suppress(ProcessLookupError):
            groups.add(os.getpgid(pid))
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGTERM)


def kill_all(root: Path) -> None:
    """As when the machine loses its power: nobody gets to write anything down."""
    while pids := [*supervisors(root), *trainers(root)]:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        kill(pids)


def listens(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    caught = next(line.split()[1] for line in lines if line.startswith("SigCgt:"))
    return bool(int(caught, 16) >> (number - 1) & 1)


def _commands() -> Iterator[tuple[int, list[str]]]:
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        with suppress(OSError):
            words = entry.joinpath("cmdline").read_bytes().decode(errors="replace").split("\0")
            if pid != os.getpid() and _alive(pid):
                yield pid, words


def _variables(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
