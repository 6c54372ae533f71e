"""What a built site loads from elsewhere, and its broken links:

    python -m tests.promises.documents.site build/site

Prints them, and exits with 1 if there are any.
Loading is what a browser does by itself: scripts, pictures, frames, styles, fonts. A link that a
reader may follow to another site is none of it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Attributes whose address is loaded when the page is shown; of `link` any, of `use` the picture.
_LOADS = {"src", "srcset", "poster", "data", "background"}
_LOADING_HREF = {"link", "use", "image", "base"}

_OUTSIDE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
_CSS = re.compile(r"""@import\s+(?:url\()?\s*["']?([^"')\s;]+)|url\(\s*["']?([^"')]+)""")
_SCRIPT = re.compile(
    r"""(?:\bimport\b|\bimportScripts|\bfetch|\bWorker|\bEventSource|\bopen|\.src\s*=|\.href\s*=)"""
    r"""[\s(]*["'`]((?:https?:)?//[^"'`]+)"""
)


class Page(HTMLParser):
    """The addresses that a page loads, those that it links, and the places that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        href = name in ("href", "xlink:href")
        if name in ("id", "name"):
            self.places.add(value)
        elif name == "srcset":
            self.loads += [part.split()[0] for part in value.split(",") if part.split()]
        elif name in _LOADS or (href and tag in _LOADING_HREF):
            self.loads.append(value)
        elif name == "style":
            self.loads += _in_css(value)
        elif href:
            self.links.append(value)

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            self.loads += _in_css(data)
        elif self._inside == "script":
            self.loads += _SCRIPT.findall(data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


def _in_css(text: str) -> list[str]:
    return [imported or used for imported, used in _CSS.findall(text)]


def loaded_from_outside(site: Path) -> Iterator[str]:
    """A line for each address elsewhere that a browser would load."""
    for file in sorted(site.rglob("*")):
        for address in _loaded(file):
            if _OUTSIDE.match(address):
                yield f"{file.relative_to(site)} loads {address}"


def _loaded(file: Path) -> list[str]:
    if file.suffix not in (".html", ".css", ".js", ".svg"):
        return []
    text = file.read_text(encoding="utf-8")
    match file.suffix:
        case ".css":
            return _in_css(text)
        case ".js":
            return _SCRIPT.findall(text)
        case _:
            return Page(text).loads


def broken_links(site: Path) -> Iterator[str]:
    """A line for each address within the site that leads to no file, or to no place in its page."""
    pages = {file.resolve(): Page(file.read_text(encoding="utf-8")) for file in _pages(site)}
    for file, page in pages.items():
        for address in (*page.links, *page.loads):
            if not _leads_somewhere(address, file, pages):
                yield f"{file.relative_to(site.resolve())} links {address}"


def _pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def _leads_somewhere(address: str, file: Path, pages: dict[Path, Page]) -> bool:
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return True
    found = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    if not found.is_file():
        return False
    place = unquote(parts.fragment)
    return not place or found not in pages or place in pages[found].places


def faults(site: Path) -> list[str]:
    """All that is wrong with a site; one without pages is wrong, too."""
    if not _pages(site):
        return [f"{site} has no pages"]
    return [*loaded_from_outside(site), *broken_links(site)]


if __name__ == "__main__":
    found = faults(Path(sys.argv[1]))
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.exit(1 if found else 0)
