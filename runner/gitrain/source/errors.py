"""What can be wrong with a source folder or its repository."""

from __future__ import annotations

import os
from pathlib import Path

from gitrain.errors import GitrainError


class SourceError(GitrainError):
    """A source that cannot be identified or shipped: what is wrong, and how to fix it.

    `code` is stable and machine-readable (`link-leaves`), as in `Problem`; `message` is what is
    wrong and `suggestion` how to fix it. The text of the exception has both.
    """

    def __init__(self, code: str, message: str, suggestion: str = "") -> None:
        self.code = code
        self.message = message
        self.suggestion = suggestion
        super().__init__(f"{message}: {suggestion}" if suggestion else message)


def shown(path: bytes | Path) -> str:
    """A file name for messages: any bytes, on one line."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return text if text.isprintable() else ascii(text)[1:-1]


def changed(folder: Path) -> SourceError:
    return SourceError(
        "source-changed", f"{shown(folder)} changed while gitrain was reading it", "run it again"
    )


def unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(
        "unreadable",
        f"cannot read {shown(path)}: {error.strerror}",
        "make it readable, or ignore it",
    )
