"""Ignore patterns that git might never finish matching.

Each `*` before a letter multiplies the number of attempts of git before 2.41, and each `**/`
doubles that of any git. Nobody needs such patterns.
"""

from __future__ import annotations

import re
from pathlib import Path

from gitrain.source.errors import SourceError, shown

_STAR = re.compile(rb"\*(?=[^*?\[\\/\s])")
_STARS, _FOLDERS = 4, 10


def bounded(file: Path, text: bytes) -> bytes:
    """Equivalent patterns that any git matches quickly.

    Raises SourceError if there are none.
    """
    lines = [_escaped(line) for line in text.split(b"\n")]
    refuse_endless(file, b"\n".join(lines))
    return b"\n".join(lines)


def refuse_endless(file: Path, text: bytes) -> None:
    """Raise SourceError for a pattern that may take git forever."""
    for number, line in enumerate(text.split(b"\n"), 1):
        stars = len(re.findall(rb"\*[^*?\[\\/]", line))
        if not line.startswith(b"#") and (stars > _STARS or line.count(b"**/") > _FOLDERS):
            raise SourceError(
                "endless-pattern",
                f"line {number} of {shown(file)} has so many `*` that matching may never finish",
                f"use at most {_STARS}, or several lines",
            )


def _escaped(line: bytes) -> bytes:
    # A star before an escaped letter means the same, but git tries it only once; not in brackets.
    few = line.count(b"*") <= _STARS or b"[" in line
    return line if few else _STAR.sub(rb"*\\", line)
