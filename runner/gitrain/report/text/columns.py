"""Colors and columns.

Lines are built as plain text and colored last, by a function that the caller chooses. A table
library would cost a third of the start-up time of `plan`, and it wraps or cuts what does not fit:
the names and ids that people copy.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence

Style = Callable[[str, str], str]
Cell = tuple[str, str]
"""A text and the color it gets, "" for none."""

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "magenta": "35",
    "cyan": "36",
}


def unstyled(text: str, color: str) -> str:
    """For files, pipes and NO_COLOR: the text as it is."""
    del color
    return text


def ansi(text: str, color: str) -> str:
    """For terminals. Colors are bold, dim, red, green, yellow, magenta and cyan; "" is none."""
    return f"\x1b[{_CODES[color]}m{text}\x1b[0m" if color and text else text


def width(text: str) -> int:
    """The columns a text takes: two for wide characters, none for combining marks."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def padded(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def aligned(rows: Sequence[Sequence[Cell]], style: Style, *, gap: int = 2) -> list[str]:
    """One line per row, columns aligned, nothing cut; the last cell of a row is not padded."""
    widths = [max(map(width, column)) for column in _columns(rows)]
    return [_line(row, widths, style, " " * gap) for row in rows]


def _columns(rows: Sequence[Sequence[Cell]]) -> Iterable[list[str]]:
    for index in range(max(map(len, rows), default=0)):
        yield [row[index][0] for row in rows if index < len(row)]


def _line(row: Sequence[Cell], widths: Sequence[int], style: Style, gap: str) -> str:
    last = max((i for i, (text, _) in enumerate(row) if text), default=-1)
    cells = []
    for index, (text, color) in enumerate(row[: last + 1]):
        # The padding stays outside the color, so that an underline or background does not extend.
        blanks = "" if index == last else " " * (widths[index] - width(text))
        cells.append(style(text, color) + blanks)
    return gap.join(cells)


def table_width(rows: Sequence[Sequence[Cell]], *, gap: int = 2) -> int:
    """The most columns that `aligned` takes."""
    return sum(max(map(width, column)) + gap for column in _columns(rows)) - gap
