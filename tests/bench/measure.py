"""What one command costs: a process of its own, with all that it starts and waits for."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Cost:
    """`cpu` and `wall` in seconds, `memory` in bytes: the peak of the largest process."""

    cpu: float
    wall: float
    memory: int


@dataclass(frozen=True)
class Command:
    """A command line; to count, it has to end with `code` and to print `says`."""

    words: Sequence[str]
    folder: Path
    says: str = ""
    code: int = 0

    def run(self, variables: dict[str, str]) -> Cost:
        # Linux lets a child begin with its parent's peak of memory: the parent has to stay small,
        # so that projects are made by processes of their own.
        with tempfile.TemporaryFile() as output:
            started = time.perf_counter()
            process = subprocess.Popen(
                self.words, cwd=self.folder, env=variables, stdout=output, stderr=subprocess.STDOUT
            )
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
            output.seek(0)
            said = output.read().decode(errors="replace")
        if process.returncode != self.code or self.says not in said:
            words = " ".join(self.words)[:200]
            raise RuntimeError(f"{words} ended with {process.returncode}:\n{said[-2000:]}")
        return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024)


def typical(costs: Iterable[Cost]) -> Cost:
    """The median of each figure."""
    costs = list(costs)
    return Cost(
        median(cost.cpu for cost in costs),
        median(cost.wall for cost in costs),
        int(median(cost.memory for cost in costs)),
    )
