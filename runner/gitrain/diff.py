"""Differences between two values, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from gitrain.identity import thawed


class Change(msgspec.Struct, frozen=True):
    """One field that differs; a side that lacks it has None."""

    path: str
    old: Any = None
    new: Any = None


def diff(old: Any, new: Any) -> tuple[Change, ...]:
    """Every leaf in which two JSON values differ, by path, sorted. Lists are compared as a whole:
    the third of five arguments is not a field that a reader knows by name."""
    return tuple(_walk(old, new, ""))


def _walk(old: Any, new: Any, path: str) -> Iterator[Change]:
    if _is_map(old, new) or _is_map(new, old):
        old, new = old or {}, new or {}
        for key in sorted(old.keys() | new.keys()):
            yield from _walk(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
        return
    # An identity's are frozen, and a manifest's are not.
    old, new = thawed(old), thawed(new)
    if type(old) is not type(new) or old != new:
        yield Change(path, old, new)


def _is_map(one: Any, other: Any) -> bool:
    """Whether to tell the fields of a mapping one by one: also of one that is new or gone."""
    if not isinstance(one, Mapping):
        return False
    return isinstance(other, Mapping) or (other is None and bool(one))
