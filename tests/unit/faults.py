"""A workspace that breaks: the memory workspace underneath, an error at the calls we choose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gitrain.errors import UnavailableError
from gitrain.workspaces.memory import MemoryWorkspace
from tests.promises.chaos.calls import WRITES


class Faulty:
    """Passes every call on; `fault(verb, arguments)` may raise before a write."""

    poll = 0.0

    def __init__(self, real: MemoryWorkspace, fault: Callable[[str, tuple[Any, ...]], None]):
        self.real = real
        self.fault = fault
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        call = getattr(self.real, name)
        if name not in WRITES:
            return call

        def write(*arguments: Any) -> Any:
            self.calls.append(name)
            self.fault(name, arguments)
            return call(*arguments)

        return write


def refusing(*verbs: str) -> Callable[[str, tuple[Any, ...]], None]:
    """A fault that makes the workspace unavailable for these verbs."""

    def fault(verb: str, arguments: tuple[Any, ...]) -> None:
        if verb in verbs:
            raise UnavailableError(f"{verb}: try again later")

    return fault
