"""The walk through an Azure ML document: a table says which fields have a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from gitrain.document import Path
from gitrain.errors import Severity


class Ruling(msgspec.Struct, frozen=True):
    """What happens to a value: it is kept as `value` or dropped, with a message if necessary.

    `at` is the path, inside the original value, of the new value or of what the message is about.
    """

    value: Any = None
    stays: bool = True
    message: str = ""
    cure: str = ""
    code: str = "not-supported"
    severity: Severity = Severity.ERROR
    at: Path = ()


Rule = Callable[[str, Any], Ruling]


class Field(msgspec.Struct, frozen=True):
    """A field that needs a rule, or whose parts do; `*` in `parts` stands for any key or index."""

    rule: Rule | None = None
    parts: Mapping[str, Field] = {}


Table = Mapping[str, Field]
GONE = Ruling(stays=False)


class Said(msgspec.Struct, frozen=True):
    """A ruling that has a message or moved a value: `path` is the field in the original."""

    path: Path
    ruling: Ruling


def rule_on(value: Any, table: Table, said: list[Said], path: Path = ()) -> Any:
    """The value with every rule of the table applied to it and its parts; adds to `said`."""
    if isinstance(value, Mapping):
        return dict(_parts(value.items(), table, said, path))
    if isinstance(value, list | tuple):
        return [v for _, v in _parts(enumerate(value), table, said, path)]
    return value


def _parts(items: Any, table: Table, said: list[Said], path: Path) -> Iterator[tuple[Any, Any]]:
    for key, value in items:
        field = table.get(key) or table.get("*")
        if field is None:
            yield key, value
            continue
        ruling = field.rule(str(key), value) if field.rule else Ruling(value)
        if ruling.message or ruling.at:
            said.append(Said((*path, key), ruling))
        if ruling.stays:
            yield key, rule_on(ruling.value, field.parts, said, (*path, key))
