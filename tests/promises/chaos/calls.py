"""What happens at a workspace's calls: a death, an error, somebody else's turn."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from gitrain.workspace import Workspace

WRITES = (
    "create_cluster",
    "update_cluster",
    "delete_cluster",
    "register_environment",
    "submit",
    "cancel",
    "tag",
)

Work = Callable[[Workspace], object]
# Told of each call twice: its name, and whether it has had its effect. May raise.
At = Callable[[str, bool], None]


class Crash(BaseException):
    """The process died: nothing of ours may catch it."""


class Calls:
    """A workspace that tells of each look and each write, before and after its effect."""

    def __init__(self, real: Workspace, at: At) -> None:
        self._real = real
        self._at = at

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._real, name)
        if name not in (*WRITES, "observe"):
            return call

        def told(*arguments: Any) -> Any:
            self._at(name, False)
            answer = call(*arguments)
            self._at(name, True)
            return answer

        return told


def told(real: Workspace, at: At) -> Workspace:
    return cast(Workspace, Calls(real, at))


def strike(nth: int, *, after: bool, error: BaseException) -> At:
    """Raises at the nth write (counted from 0), before or after its effect."""
    left = [nth]

    def at(name: str, done: bool) -> None:
        if name == "observe" or done is not after:
            return
        left[0] -= 1
        if left[0] == -1:
            raise error

    return at


def interleaved(clients: Sequence[Workspace], works: Sequence[Work], turns: Iterable[int]) -> None:
    """Do all works at once; at each call into the workspace the next turn says who continues.

    Only one of them moves at a time, so that the same turns give the same history.
    """
    racers = [_Racer(client, work) for client, work in zip(clients, works, strict=True)]
    order = iter(turns)
    while running := [racer for racer in racers if not racer.over]:
        running[next(order, 0) % len(running)].move()
    for racer in racers:
        if racer.error:
            raise racer.error


class _Racer:
    """One of several that work at the same time, in a thread that waits for its turns."""

    def __init__(self, client: Workspace, work: Work) -> None:
        self.over = False
        self.error: BaseException | None = None
        self._mine = threading.Semaphore(0)
        self._theirs = threading.Semaphore(0)
        self._work = work
        self._client = told(client, self._at)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def move(self) -> None:
        """Let it go on up to its next call."""
        self._mine.release()
        self._theirs.acquire()
        if self.over:
            self._thread.join()

    def _run(self) -> None:
        self._mine.acquire()
        try:
            self._work(self._client)
        except BaseException as error:
            self.error = error
        self.over = True
        self._theirs.release()

    def _at(self, name: str, done: bool) -> None:
        if not done:
            self._theirs.release()
            self._mine.acquire()
