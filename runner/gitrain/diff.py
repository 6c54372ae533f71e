"""Differences between two values, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from gitrain.identity import thawed


class Change(msgspec.Struct, frozen=True):
    """One field that differs; its value is None on a side that lacks it."""

    path: str
    old: Any = None
    new: Any = None


def diff(old: Any, new: Any) -> tuple[Change, ...]:
    """Every leaf in which two JSON values differ, sorted by path. Lists are compared as a whole:
    the third of five arguments has no name that a reader would know."""
    return tuple(_walk(old, new, ""))


def _walk(old: Any, new: Any, path: str) -> Iterator[Change]:
    if _is_map(old, new) or _is_map(new, old):
        old, new = old or {}, new or {}
        for key in sorted(old.keys() | new.keys()):
            yield from _walk(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
        return
    # The maps of an identity are frozen, those of a manifest are not.
    old, new = thawed(old), thawed(new)
    if type(old) is not type(new) or old != new:
        yield Change(path, old, new)


def _is_map(one: Any, other: Any) -> bool:
    """Whether to list the fields of a mapping one by one, also if it was added or removed."""
    if not isinstance(one, Mapping):
        return False
    return isinstance(other, Mapping) or (other is None and bool(one))
