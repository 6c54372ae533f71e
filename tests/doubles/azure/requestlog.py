"""Every request the emulator saw, for tests that assert a budget or that nothing was written."""

import threading
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

# What a budget counts: the token service, discovery and the blob store are not throttled with it.
BUDGETED = frozenset(
    ("arm", "compute", "environment", "experiment", "run", "execution", "snapshot", "artifact")
) | frozenset(("metric", "mlflow", "datastore", "data", "unknown"))


@dataclass(frozen=True)
class Request:
    """One request, its answer's status (0 when it got none) and the bytes that both bodies had."""

    number: int
    method: str
    host: str
    path: str
    query: str
    kind: str
    reads: bool
    source: str
    status: int
    size: int = 0


class RequestLog:
    """The requests in the order of their answers, and the hosts that CONNECT asked for."""

    def __init__(self) -> None:
        self.list: list[Request] = []
        self.connects: Counter[str] = Counter()
        self.refused_hosts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, **request: Any) -> None:
        with self._lock:
            self.list.append(Request(len(self.list) + 1, **request))

    def connect(self, host: str, known: bool) -> None:
        with self._lock:
            (self.connects if known else self.refused_hosts)[host] += 1

    def reset(self) -> None:
        with self._lock:
            self.list.clear()
            self.connects.clear()
            self.refused_hosts.clear()

    def of(self, kind: str | None = None, source: str = "client") -> list[Request]:
        """The requests of a kind that a source made: client, or job."""
        with self._lock:
            return [r for r in self.list if r.source == source and kind in (None, r.kind)]

    @property
    def reads(self) -> int:
        """How often the client asked ARM or a workspace service."""
        return sum(request.reads for request in self.of() if request.kind in BUDGETED)

    @property
    def writes(self) -> list[Request]:
        """What the client changed in ARM or a workspace service."""
        return [request for request in self.of() if request.kind in BUDGETED and not request.reads]

    def counts(self) -> dict[str, int]:
        """How many requests of each kind the client made."""
        return dict(Counter(request.kind for request in self.of()))

    def describe(self) -> dict[str, Any]:
        """The log as JSON, for `GET /_emul/requests`."""
        return {
            "requests": [asdict(request) for request in self.list],
            "counts": self.counts(),
            "reads": self.reads,
            "writes": len(self.writes),
            "connects": dict(self.connects),
            "refused_hosts": dict(self.refused_hosts),
        }
