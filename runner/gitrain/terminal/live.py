"""The live display of a wait, on a terminal only."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING

from gitrain.plan.actions import Plan
from gitrain.project.opened import OpenedProject
from gitrain.report.text.columns import ansi
from gitrain.report.text.status import status_text
from gitrain.terminal.invocation import Invocation

if TYPE_CHECKING:
    from rich.live import Live as RichLive


class Live:
    """Shows the status while entered, redrawn at each tick; lines written meanwhile stay."""

    def __init__(self, opened: OpenedProject, invocation: Invocation, shown: bool) -> None:
        self._opened = opened
        self._invocation = invocation
        self._shown = shown and invocation.output == "text" and sys.stderr.isatty()
        self._stack = ExitStack()
        self._live: RichLive | None = None

    def __enter__(self) -> Live:
        if self._shown:
            from rich.console import Console
            from rich.live import Live as RichLive

            console = Console(stderr=True)
            self._live = self._stack.enter_context(RichLive(console=console, transient=True))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def tick(self, made: Plan) -> None:
        """Draw the status of a plan."""
        if self._live:
            from rich.text import Text

            text = status_text(self._opened.status(made), ansi, columns=self._live.console.width)
            self._live.update(Text.from_ansi(text), refresh=True)

    def write(self, line: str) -> None:
        """Print a line of the result."""
        self._invocation.write(line)
