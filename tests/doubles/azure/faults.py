"""Faults: which request they strike, and what happens to it."""

import contextlib
import os
import re
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .routing import Call


@dataclass
class Fault:
    """Strikes the `nth` request that matches, and the `times - 1` after it (None: all).

    `match` is searched in "METHOD path?query". `when` is before the request is handled, or after:
    then its effect stays. What happens, in this order: `delay` seconds; `kill` the client;
    `reset` the connection; `status` with `body` and `headers`; `truncate` the real answer.
    """

    match: str
    nth: int = 1
    times: int | None = 1
    when: str = "before"
    kind: str | None = None
    source: str = "client"
    delay: float = 0.0
    kill: bool = False
    reset: bool = False
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    truncate: bool = False
    seen: int = 0
    struck: int = 0

    def strikes(self, call: Call, kind: str) -> bool:
        """Count this request if it matches; whether it is one of those to strike."""
        words = f"{call.method} {call.path}"
        if call.query:
            words += "?" + "&".join(f"{key}={value}" for key, value in call.query.items())
        if self.source not in ("any", call.source) or self.kind not in (None, kind):
            return False
        if not re.search(self.match, words):
            return False
        self.seen += 1
        hit = self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)
        self.struck += hit
        return hit


@dataclass
class Lag:
    """New things of a kind are not found for a while: read-after-write lag."""

    seconds: float = 0.0
    reads: int = 0


class Faults:
    """The faults that are set. Empty, as at the start, the service is perfect."""

    def __init__(self) -> None:
        self.client_pid: int | None = None
        self.set: list[Fault] = []
        self.lags: dict[str, Lag] = {}
        self._hidden: dict[tuple[str, str], tuple[float, int]] = {}
        self._lock = threading.Lock()

    def add(self, match: str, **how: Any) -> Fault:
        """Set one more; the fault itself tells later how often it was `seen` and `struck`."""
        fault = Fault(match, **how)
        with self._lock:
            self.set.append(fault)
        return fault

    def lag(self, kind: str, seconds: float = 0.0, reads: int = 0) -> None:
        """Hide each new `run`, `compute` or `environment` for seconds, or for some reads."""
        self.lags[kind] = Lag(seconds, reads)

    def clear(self) -> None:
        with self._lock:
            self.set.clear()
        self.lags.clear()
        self._hidden.clear()

    def strike(self, call: Call, kind: str) -> Fault | None:
        """The fault that strikes this request; every fault counts it."""
        with self._lock:
            hits = [fault for fault in self.set if fault.strikes(call, kind)]
        return hits[0] if hits else None

    def created(self, kind: str, name: str) -> None:
        """Start the lag of a thing that has just been made."""
        lag = self.lags.get(kind)
        if lag:
            self._hidden[kind, name] = (time.monotonic() + lag.seconds, lag.reads)

    def hides(self, kind: str, name: str) -> bool:
        """Whether this read comes too early to see the thing. Counts the read."""
        until, reads = self._hidden.get((kind, name), (0.0, 0))
        if reads > 0:
            self._hidden[kind, name] = (until, reads - 1)
            return True
        return time.monotonic() < until

    def kill_client(self, port: int) -> None:
        """SIGKILL the client: the pid that was given, else whoever holds the other end."""
        pid = self.client_pid or owner_of(port)
        if pid is None or pid == os.getpid():
            raise LookupError(f"no client process holds port {port}")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def owner_of(port: int) -> int | None:
    """The process whose loopback socket has this local port."""
    # Both tables may miss a row while others come and go: the socket waits for us, so look again.
    for _ in range(20):
        socket = _socket(f"0100007F:{port:04X}")
        holder = _holder(socket) if socket else None
        if holder is not None:
            return holder
        time.sleep(0.05)
    return None


def _socket(address: str) -> str | None:
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return next((f"socket:[{row[9]}]" for row in rows if row[1] == address), None)


def _holder(socket: str) -> int | None:
    processes = Path("/proc").glob("[0-9]*")
    return next((int(one.name) for one in processes if socket in _open_files(one)), None)


def _open_files(process: Path) -> set[str]:
    found = set()
    # Files close while we look, and processes end.
    with contextlib.suppress(OSError):
        for link in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                found.add(str(link.readlink()))
    return found
