"""YAML events → where each key and list item stands: for those who have to say it."""

from __future__ import annotations

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
from gitrain.yaml.events import feed

_STARTS = (MappingStartEvent, SequenceStartEvent)
_ENDS = (MappingEndEvent, SequenceEndEvent)


def survey(text: str, file: str) -> list[dict[Path, Location]]:
    """The places of each document of a text that YAML was read from without a flaw."""
    surveyor, _ = feed(text, lambda: _Surveyor(file))
    return surveyor.documents


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
