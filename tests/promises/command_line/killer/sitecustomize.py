"""On the tests' PYTHONPATH: ends a process by SIGKILL at its nth call into the outside world.

Each call counts twice, once before and once after its effect. KILL_AT says at which count to die;
0 never dies, and writes the count to KILL_COUNT at exit. Children are left alone.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

_CALLS = frozenset(
    {"execute", "executescript", "connect", "close", "flock", "fsync", "open", "mkdir", "rmdir"}
    | {"rename", "replace", "link", "remove", "unlink", "fork_exec", "waitpid", "sendfile"}
)


class Killer:
    def __init__(self, last: int) -> None:
        self.last = last
        self.count = 0

    def __call__(self, frame: FrameType, event: str, function: Any) -> None:
        if event not in ("c_call", "c_return", "c_exception"):
            return
        if getattr(function, "__name__", "") not in _CALLS:
            return
        if "/gitrain/" not in _callers(frame):
            return
        self.count += 1
        if self.count == self.last:
            os.kill(os.getpid(), signal.SIGKILL)


def _callers(frame: FrameType | None) -> str:
    """The files of the innermost frames: what the import system opens is not the outside world."""
    files = []
    while frame is not None and len(files) < 6:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return ""
        files.append(frame.f_code.co_filename)
        frame = frame.f_back
    return " ".join(files)


def _begin() -> None:
    killer = Killer(int(os.environ.pop("KILL_AT")))
    count = os.environ.pop("KILL_COUNT", "")
    if count:
        atexit.register(lambda: Path(count).write_text(f"{killer.count}"))
    sys.setprofile(killer)


if "KILL_AT" in os.environ:
    _begin()
