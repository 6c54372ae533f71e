"""Where each field of a document stands, found only when someone asks: most manifests are right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any

from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from gitrain.document import Path
from gitrain.errors import Location
from gitrain.load.events import feed

_STARTS = (MappingStartEvent, SequenceStartEvent)
_ENDS = (MappingEndEvent, SequenceEndEvent)


class Places(Mapping[Path, Location]):
    """The place of each path of a document; `find` is called at most once, for paths but `()`."""

    def __init__(self, start: Location, find: Callable[[], Mapping[Path, Location]]) -> None:
        self._start = start
        self._find = find

    @cached_property
    def _found(self) -> Mapping[Path, Location]:
        return {**self._find(), (): self._start}

    def __getitem__(self, path: Path) -> Location:
        return self._found[path] if path else self._start

    def __iter__(self) -> Iterator[Path]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class Source:
    """The text of a file that YAML was read from without a flaw, and the places in it."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def _places(self) -> list[dict[Path, Location]]:
        surveyor, _ = feed(self.text, lambda: _Surveyor(self.file))
        return surveyor.documents

    def places(self, index: int) -> dict[Path, Location]:
        """The places of the document of this index."""
        return self._places[index]


class Lines(Mapping[tuple[str, int], str]):
    """The lines that a message may show, with what looks like a secret's value left out."""

    def __init__(self, *sources: Source) -> None:
        self._sources = sources

    def __getitem__(self, key: tuple[str, int]) -> str:
        file, line = key
        for source in self._sources:
            if source.file == file and 1 <= line <= len(source.lines):
                return masked(source.lines[line - 1])
        raise KeyError(key)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        for source in self._sources:
            yield from ((source.file, line + 1) for line in range(len(source.lines)))

    def __len__(self) -> int:
        return sum(len(source.lines) for source in self._sources)


_SECRET_NAME = re.compile(r"(?i)(?:^|.*[^a-z0-9])(?:password|secret|token|key|sas|pwd|credentials)")
_SECRET_LINE = re.compile(
    r"(?i)((?:^|[^a-z0-9])(?:password|secret|token|key|sas|pwd|credentials)[\"']?\s*:\s*)(?![{\s]).*"
)


_LONGEST = 1000


def secretive(name: object) -> bool:
    """Whether a key's name says that its value is a secret."""
    return isinstance(name, str) and _SECRET_NAME.fullmatch(name) is not None


@lru_cache(maxsize=64)
def masked(line: str) -> str:
    """A source line without the value of a key that holds a secret, and what follows it."""
    return _SECRET_LINE.sub(r"\1***", line[:_LONGEST].rstrip("\r"))


class _Spot:
    """An open mapping or list: its path, the key or index that comes next, how many came before."""

    __slots__ = ("anchor", "before", "next", "path")

    def __init__(self, path: Path, sequence: bool, anchor: str | None, before: int) -> None:
        self.path = path
        self.before = before
        self.anchor = anchor
        self.next: str | int | None = 0 if sequence else None


class _Surveyor:
    """Notes the place of every key and list item, as the events of a file go by."""

    def __init__(self, file: str) -> None:
        self.documents: list[dict[Path, Location]] = []
        self._file = file
        self._stack: list[_Spot] = []
        self._order: list[Path] = []
        self._anchors: dict[str, list[Path]] = {}

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is DocumentStartEvent:
            self.documents.append({})
            self._anchors = {}
            self._order = []
        elif kind in _ENDS:
            self._close()
        elif kind in _STARTS or kind in (ScalarEvent, AliasEvent):
            self._node(event, kind)

    def _node(self, event: Any, kind: type) -> None:
        path: Path = ()
        if self._stack:
            top = self._stack[-1]
            if top.next is None:
                top.next = event.value if kind is ScalarEvent else ""
                self._note((*top.path, top.next), event)
                return
            path = (*top.path, top.next)
            if isinstance(top.next, int):
                self._note(path, event)
                top.next += 1
            else:
                top.next = None
        else:
            self._note(path, event)
        if kind is AliasEvent:
            self._copy(path, event)
        elif kind in _STARTS:
            self._stack.append(
                _Spot(path, kind is SequenceStartEvent, event.anchor, len(self._order))
            )

    def _close(self) -> None:
        closed = self._stack.pop()
        if closed.anchor:
            depth = len(closed.path)
            below = [path[depth:] for path in self._order[closed.before :]]
            self._anchors[closed.anchor] = below

    def _copy(self, path: Path, event: Any) -> None:
        """What an alias stands for is placed where the alias is."""
        for below in self._anchors.get(event.anchor, ()):
            self._note((*path, *below), event)

    def _note(self, path: Path, event: Any) -> None:
        mark = event.start_mark
        self._order.append(path)
        self.documents[-1][path] = Location(self._file, mark.line + 1, mark.column + 1)
