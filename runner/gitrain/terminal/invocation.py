"""The common options of one command line, and how its result is written."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
import msgspec

from gitrain.report.text.columns import Style, ansi, unstyled


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """The common options of one command line."""

    directory: Path
    workspace: str | None
    output: str
    color: bool

    @property
    def style(self) -> Style:
        return ansi if self.color else unstyled

    def write(self, text: str) -> None:
        """Print a result on stdout."""
        try:
            click.echo(text, nl=not text.endswith("\n"), color=self.color)
        except BrokenPipeError:
            # The reader has seen enough; what was begun is finished anyway.
            close_output()


def close_output() -> None:
    """Discard all further output, or Python complains about the closed pipe at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
