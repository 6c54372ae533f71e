"""The README, taken apart: its code blocks, its tables, the commands it mentions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from tests.root import ROOT

README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block; `line` is where it begins in the README."""

    language: str
    text: str
    line: int

    @property
    def file(self) -> str:
        """The file that its first line, a comment, names; "" for a fragment."""
        found = re.match(r"# (\S+\.ya?ml)\n", self.text)
        return found[1] if found else ""


def blocks(*languages: str, text: str = TEXT) -> list[Block]:
    """The fenced blocks in any of these languages; of the README, or of another document."""
    return [
        Block(found[1], found[2], text.count("\n", 0, found.start()) + 1)
        for found in _BLOCK.finditer(text)
        if found[1] in languages
    ]


def prose() -> str:
    """The README without its fenced blocks."""
    return _BLOCK.sub("", TEXT)


def commands() -> Iterator[str]:
    """Every `gitrain …` that the README tells one to type, in blocks and in the text."""
    for block in blocks("console", "sh"):
        for line in block.text.splitlines():
            typed = line.removeprefix("$ ") if block.language == "console" else line
            if block.language == "sh" or line.startswith("$ "):
                for part in re.split(r"&&|\|", typed.partition(" #")[0]):
                    if part.strip().startswith("gitrain "):
                        yield part.strip()
    yield from re.findall(r"`(gitrain [^`]+)`", prose())


def rows(header: str) -> list[list[str]]:
    """The cells of the table with this header line."""
    found = re.search(rf"^{re.escape(header)}\n\|[-|]+\|\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    assert found, f"there is no table {header}"
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in found[1].splitlines()]
