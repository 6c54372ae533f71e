"""YAML events → JSON values, and the position of each key and list item.

Features of YAML that a manifest must not use are refused here, each with its position: duplicate
and merge keys, foreign tags, documents that grow or nest without bound.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from gitrain.document import Path
from gitrain.errors import MAX_PROBLEMS, Location
from gitrain.yaml.decode import CONTROL, Flaw, FlawError, control
from gitrain.yaml.documents import Body, Remark
from gitrain.yaml.scalars import NumberError, Scalar, plain, spelled
from gitrain.yaml.yaml_1_1 import may_differ

MAX_DEPTH = 32
MAX_NODES = 50_000  # in a file, aliases expanded: some 500 manifests

_CORE = "tag:yaml.org,2002:"
_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "null": (type(None),),
}


class _Open:
    """A mapping or list that is not closed yet; `height` is how deeply it nests so far.

    `before` counts the values before it in the file, `noted` the positions noted in its document.
    """

    __slots__ = ("anchor", "before", "container", "height", "key", "noted", "path")

    def __init__(
        self, container: Any, anchor: str | None, path: Path, before: int, noted: int
    ) -> None:
        self.container = container
        self.anchor = anchor
        self.path = path
        self.before = before
        self.noted = noted
        self.height = 1
        self.key: str | None = None


class _Anchored(msgspec.Struct, frozen=True):
    """What an alias stands for, its size when expanded, and the paths below it."""

    value: Any
    nodes: int
    height: int
    below: tuple[Path, ...] = ()


class Composer:
    """Builds the values of a file, event by event, without recursion.

    Given the name of a `file`, it notes in `places` the position of each path of each document.
    """

    def __init__(self, file: str = "") -> None:
        self.places: list[dict[Path, Location]] = []
        self._file = file
        self._order: list[Path] = []
        self.documents: list[Body] = []
        self.flaws: list[Flaw] = []
        self._index = -1
        self._nodes = 0
        self._stack: list[_Open] = []
        self._anchors: dict[str, _Anchored] = {}
        self._root: Any = None
        self._start = (1, 1)
        self._broken = False
        self._remarks: list[Remark] = []

    def take(self, event: Any) -> None:
        """Process one event. Raises FlawError when it makes no sense to continue."""
        handle = _TAKES.get(type(event))
        if handle is not None:
            handle(self, event)

    def _begin(self, _: Any) -> None:
        self._index += 1
        self._anchors = {}
        self._broken = False
        self._remarks = []
        self.places.append({})
        self._order = []

    def _end(self, _: Any) -> None:
        body = Body(self._root, *self._start, self._index, self._broken, tuple(self._remarks))
        self.documents.append(body)

    def _scalar(self, event: Any) -> None:
        text = event.value
        value: Scalar = text
        if event.tag is not None:
            value = self._tagged(event)
        elif event.implicit[0]:
            value = self._plain(event)
        if "\n" in text or "\t" in text:
            self._broken = True
        if event.style == '"' and (found := CONTROL.search(text)):
            message = f"{control(found[0])} is not allowed in a manifest"
            self._flaw(event, "control-character", message, "remove it")
        self._count(event, 1)
        if path := self._attach(event, value):
            self._remark(event, path, value)
        if event.anchor:
            self._anchors[event.anchor] = _Anchored(value, 1, 0)

    def _remark(self, event: Any, path: Path, value: Scalar) -> None:
        text = event.value
        if event.style == ">":
            if "\n " in text or "\n\t" in text:
                self._remarks.append(Remark(path, folded=event.start_mark.line + 1))
        elif (
            event.tag is None
            and event.implicit[0]
            and (may_differ(text) if value.__class__ is str else not spelled(text, value))
        ):
            self._remarks.append(Remark(path, text))

    def _plain(self, event: Any) -> Scalar:
        try:
            return plain(event.value)
        except NumberError as error:
            cure = "write a smaller number" if error.code == "huge-number" else "write a number"
            self._flaw(event, error.code, str(error), f"{cure}, or put it in quotes")
            return None

    def _tagged(self, event: Any) -> Scalar:
        """A scalar with a tag of YAML's core schema: `!!float 1` is 1.0, `!!str 1` a string."""
        name = event.tag.removeprefix(_CORE)
        if name in ("!", "str"):
            return str(event.value)
        if name == event.tag or name not in _TYPES:
            self._foreign(event)
            return None
        value = self._plain(event)
        if type(value) not in _TYPES[name]:
            message = f"this is not a valid `!!{name}`"
            self._flaw(event, "foreign-tag", message, f"remove the tag `!!{name}`")
        return float(value) if name == "float" and isinstance(value, int) else value

    def _foreign(self, event: Any) -> None:
        message = f"the tag `{event.tag.replace(_CORE, '!!')[:80]}` is not allowed in a manifest"
        self._flaw(event, "foreign-tag", message, "remove it")

    def _open(self, event: Any) -> None:
        mapping = type(event) is MappingStartEvent
        if event.tag not in (None, "!", f"{_CORE}{'map' if mapping else 'seq'}"):
            self._foreign(event)
        self._count(event, 1)
        self._nest(event, 1)
        container: Any = {} if mapping else []
        path = self._attach(event, container)
        noted = len(self._order)
        self._stack.append(_Open(container, event.anchor, path, self._nodes - 1, noted))

    def _close(self, _: Any) -> None:
        closed = self._stack.pop()
        if closed.anchor:
            nodes = self._nodes - closed.before
            below = tuple(path[len(closed.path) :] for path in self._order[closed.noted :])
            self._anchors[closed.anchor] = _Anchored(closed.container, nodes, closed.height, below)
        if self._stack:
            self._stack[-1].height = max(self._stack[-1].height, closed.height + 1)

    def _alias(self, event: Any) -> None:
        name = event.anchor
        if any(opened.anchor == name for opened in self._stack):
            message = f"`*{name}` is inside the value that it refers to"
            raise _stop(event, "self-reference", message, "write out the value")
        if name not in self._anchors:
            message = f"`*{name}` refers to `&{name}`, which is not defined above it"
            raise _stop(event, "unknown-alias", message, "put text that begins with * in quotes")
        anchored = self._anchors[name]
        self._count(event, anchored.nodes)
        self._nest(event, anchored.height)
        path = self._attach(event, anchored.value)
        for below in anchored.below:  # the values of an alias have the alias's position
            self._note((*path, *below), event)
        self._stack[-1].height = max(self._stack[-1].height, anchored.height + 1)

    def _attach(self, event: Any, value: Any) -> Path:
        """Put a value where it belongs: into the open list or mapping, or as a key of a mapping.

        Returns the value's path, or `()` for a key.
        """
        if not self._stack:
            self._root = value
            self._start = _place(event)
            return self._note((), event)
        top = self._stack[-1]
        if isinstance(top.container, list):
            path = self._note((*top.path, len(top.container)), event)
            top.container.append(value)
            return path
        if top.key is None:
            top.key = self._key(event, value, top.container)
            self._note((*top.path, top.key), event)
            return ()
        path = (*top.path, top.key)
        top.container[top.key] = value
        top.key = None
        return path

    def _note(self, path: Path, event: Any) -> Path:
        if self._file:
            self._order.append(path)
            self.places[-1][path] = Location(self._file, *_place(event))
        return path

    def _key(self, event: Any, value: Any, container: dict[str, Any]) -> str:
        if isinstance(value, dict | list):
            raise _stop(event, "non-string-key", "a key must be a string", "write `key: value`")
        if not isinstance(value, str):
            text = getattr(event, "value", value)
            message = f"the key `{text}` is not a string"
            self._flaw(event, "non-string-key", message, f'write it in quotes: `"{text}"`')
        elif value == "<<" and getattr(event, "implicit", (False,))[0]:
            message = "merge keys (`<<`) are not supported"
            self._flaw(event, "merge-key", message, "write out the fields, or use `spec.defaults`")
        elif value in container:
            message = f"duplicate key `{value}`"
            self._flaw(event, "duplicate-key", message, "remove one of the two")
        elif "\n" in value or "\t" in value:
            message = "a key must not contain line breaks or tabs"
            self._flaw(event, "control-character", message, "write it on one line")
        return str(value)

    def _count(self, event: Any, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            message = f"with its aliases expanded, the file has more than {MAX_NODES:,} values"
            raise _stop(event, "too-many-values", message, "use fewer aliases, or split the file")

    def _nest(self, event: Any, height: int) -> None:
        if len(self._stack) + height > MAX_DEPTH:
            message = f"the document is nested more than {MAX_DEPTH} levels deep"
            raise _stop(event, "too-deep", message, "use fewer levels")

    def _flaw(self, event: Any, code: str, message: str, suggestion: str) -> None:
        self.flaws.append(Flaw(code, message, *_place(event), suggestion))
        if len(self.flaws) >= MAX_PROBLEMS:
            message = f"stopped reading this file after {MAX_PROBLEMS} problems"
            cure = "fix the ones above and run it again"
            raise _stop(event, "too-many-problems", message, cure)


# On the class, not on each composer: bound methods would put every file's values into a cycle.
_TAKES: dict[type, Callable[[Composer, Any], None]] = {
    DocumentStartEvent: Composer._begin,
    DocumentEndEvent: Composer._end,
    ScalarEvent: Composer._scalar,
    MappingStartEvent: Composer._open,
    SequenceStartEvent: Composer._open,
    MappingEndEvent: Composer._close,
    SequenceEndEvent: Composer._close,
    AliasEvent: Composer._alias,
}


def _stop(event: Any, code: str, message: str, suggestion: str) -> FlawError:
    return FlawError(Flaw(code, message, *_place(event), suggestion))


def _place(event: Any) -> tuple[int, int]:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1
