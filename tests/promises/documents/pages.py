"""The documents, taken apart: their code blocks, tables, links, and the commands they mention."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.root import ROOT

DOCS = ROOT / "docs"
README = ROOT / "README.md"
CONTRIBUTING = ROOT / ".github" / "CONTRIBUTING.md"

# For users, and written by hand or by a program.
PAGES = (README, *sorted(DOCS.rglob("*.md")))
ALL = (*PAGES, CONTRIBUTING, ROOT / "CHANGELOG.md")

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block; `line` is where it begins in its page."""

    page: Path
    language: str
    text: str
    line: int

    @property
    def file(self) -> str:
        """The file that its first line, a comment, names; "" for a fragment."""
        found = re.match(r"# (\S+\.\w+)\n", self.text)
        return found[1] if found else ""

    @property
    def place(self) -> str:
        return f"{self.page.name}-{self.line}"


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(*languages: str, page: Path) -> list[Block]:
    """The fenced blocks of a page that are in any of these languages."""
    text = read(page)
    return [
        Block(page, found[1], found[2], text.count("\n", 0, found.start()) + 1)
        for found in _BLOCK.finditer(text)
        if found[1] in languages
    ]


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _BLOCK.sub("", read(page))


def commands(page: Path) -> Iterator[str]:
    """Every `gitrain …` that a page tells the reader to type, in blocks and in the text."""
    for block in blocks("console", "sh", page=page):
        for line in block.text.replace("\\\n", "").splitlines():
            if block.language == "sh" or line.startswith("$ "):
                typed = line.removeprefix("$ ").partition(" #")[0]
                yield from _typed(typed)
    yield from re.findall(r"`(gitrain [^`]+)`", prose(page))


def _typed(line: str) -> Iterator[str]:
    for part in re.split(r"&&|\||>>?", line):
        if part.strip().startswith("gitrain "):
            yield part.strip()


def rows(page: Path, header: str) -> list[list[str]]:
    """The cells of a page's table with this header line."""
    found = re.search(
        rf"^{re.escape(header)}\n\|[-:| ]+\|\n((?:\|.*\n)+)", read(page), re.MULTILINE
    )
    assert found, f"{page.name} has no table {header}"
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in found[1].splitlines()]


def links(page: Path) -> Iterator[str]:
    """Where a page's links and pictures lead."""
    yield from re.findall(r"\]\(([^)\s]+)\)", prose(page))


def anchors(page: Path) -> set[str]:
    """What a link can lead to within a page: its headings, as GitHub spells them."""
    return {_anchor(line) for line in prose(page).splitlines() if line.startswith("#")}


def _anchor(heading: str) -> str:
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading.lstrip("#").strip().lower())
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def replace_between(begin: str, end: str, inner: str, text: str) -> str:
    """`text` with what stands between two marks replaced."""
    head, _, rest = text.partition(begin)
    _, closed, tail = rest.partition(end)
    assert closed, f"{begin} … {end} is missing"
    return f"{head}{begin}\n{inner}{end}{tail}"
