"""Text from users inside Markdown: shown as is, without any effect."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from gitrain.errors import Location
from gitrain.report.safe import plain

_MARKUP = re.compile(r"[\\`*_\[\]<>#+|~$&]")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
# GitHub looks for these in the rendered text: only a character in between breaks them up.
_REFERENCE = re.compile(r"@(?=\w)|#(?=\d)|(?<=\b[Gg][Hh])-(?=\d)|(?<=:)//|(?<=\b[wW]{3})\.")
_NOTHING = "\u200b"


def prose(text: str) -> str:
    """A text in a paragraph or a table cell: no markup, HTML, mention, reference or link."""
    apart = _REFERENCE.sub(lambda match: match[0] + _NOTHING, plain(text))
    return _MARKUP.sub(lambda match: _ENTITIES.get(match[0]) or f"\\{match[0]}", apart)


def message(text: str) -> str:
    """One of our sentences, in which text between backticks is code."""
    parts = text.split("`")
    if len(parts) % 2 == 0 or "" in parts[1::2]:
        # The texts around an empty piece of code would meet, and might mean something together.
        return prose(text)
    return "".join(code(part) if n % 2 else prose(part) for n, part in enumerate(parts))


def html(text: str) -> str:
    """A text inside an HTML tag, where Markdown's escapes mean nothing."""
    return plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """Inline code, safe in table cells too."""
    safe = plain(text)
    fence = "`" * (_longest_run(safe) + 1)
    blank = " " if safe.startswith("`") or safe.endswith("`") else ""
    # In a table, a pipe ends the cell even inside code, unless it is escaped.
    return f"{fence}{blank}{safe}{blank}{fence}".replace("|", "\\|") if safe else ""


def fenced(text: str, language: str = "") -> str:
    """A block of code; its fence is longer than any in the text, so that nothing escapes it."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are already Markdown."""
    return table_head(titles) + "".join(map(table_row, rows))


def table_head(titles: Sequence[str]) -> str:
    return table_row(titles) + "|" + "---|" * len(titles) + "\n"


def table_row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def source(location: Location | None, blob: str) -> str:
    """`file:line`, and a link to it when `blob` is the address of the commit's files."""
    if location is None:
        return ""
    place = code(f"{location.file}:{location.line}")
    if not blob:
        return place
    return f"[{place}]({blob.rstrip('/')}/{quote(location.file)}#L{location.line})"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
