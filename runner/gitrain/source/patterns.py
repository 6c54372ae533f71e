"""Ignore patterns that git would not come to an end with.

Each `*` before a letter multiplies what git before 2.41 tries, and each `**/` doubles what any git
tries. Nobody means that.
"""

from __future__ import annotations

import re
from pathlib import Path

from gitrain.source.errors import SourceError, shown

_STAR = re.compile(rb"\*(?=[^*?\[\\/\s])")
_STARS, _FOLDERS = 4, 10


def bounded(file: Path, text: bytes) -> bytes:
    """Patterns of the same meaning that any git matches quickly.

    Raises SourceError when there is no such form.
    """
    lines = [_escaped(line) for line in text.split(b"\n")]
    refuse_endless(file, b"\n".join(lines))
    return b"\n".join(lines)


def refuse_endless(file: Path, text: bytes) -> None:
    """Raise SourceError for a pattern that may take git for ever."""
    for number, line in enumerate(text.split(b"\n"), 1):
        stars = len(re.findall(rb"\*[^*?\[\\/]", line))
        if not line.startswith(b"#") and (stars > _STARS or line.count(b"**/") > _FOLDERS):
            raise SourceError(
                "endless-pattern",
                f"line {number} of {shown(file)} has so many `*` that matching it may never end",
                f"write it with at most {_STARS}, or as several lines",
            )


def _escaped(line: bytes) -> bytes:
    # To git a star before an escaped letter is the same, but tried once; in brackets it is not.
    few = line.count(b"*") <= _STARS or b"[" in line
    return line if few else _STAR.sub(rb"*\\", line)
