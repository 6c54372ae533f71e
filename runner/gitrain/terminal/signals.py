"""^C once finishes the current actions and reports; twice stops at once."""

from __future__ import annotations

import signal
import sys
from types import FrameType, TracebackType

import click


class Stopping:
    """Callable: whether someone asked to stop. Listens for SIGINT and SIGTERM while entered."""

    def __init__(self) -> None:
        self._asked = False
        self._before: dict[int, object] = {}

    def __call__(self) -> bool:
        return self._asked

    def __enter__(self) -> Stopping:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # as signal() returned it

    def _hear(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
        end = " (^C again to stop at once)" if sys.stderr.isatty() else ""
        click.echo(f"Finishing the current actions{end} …", err=True)
