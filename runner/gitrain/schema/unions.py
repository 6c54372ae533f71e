"""Which alternative of a union a value was meant to be: that of its JSON type, or of its tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

Schema = Mapping[str, Any]


class NoType(msgspec.Struct, frozen=True):
    """No alternative has the value's JSON type; `types` are those that they have."""

    types: tuple[str, ...]


class NoTag(msgspec.Struct, frozen=True):
    """Several mappings are possible, distinguished by the field `tag`; the value selects none."""

    tag: str
    known: tuple[str, ...]


def json_type(value: Any) -> str:
    """JSON Schema's name for the type of a value."""
    if value is None:
        return "null"
    for type_, name in ((bool, "boolean"), (int, "integer"), (float, "number"), (str, "string")):
        if isinstance(value, type_):
            return name
    return "array" if isinstance(value, list | tuple) else "object"


def resolved(schema: Any, root: Schema) -> Schema:
    """A schema, with its `$ref` resolved."""
    while isinstance(schema, Mapping) and "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    return schema if isinstance(schema, Mapping) else {}


def meant(branches: Sequence[Schema], value: Any) -> int | NoType | NoTag:
    """The index of the alternative to report errors for."""
    kind = json_type(value)
    fitting = [i for i, branch in enumerate(branches) if _accepts(branch, kind)]
    if not fitting:
        return NoType(tuple(str(branch.get("type", "object")) for branch in branches))
    if len(fitting) == 1 or kind != "object":
        return fitting[0]
    tag, known = _tag([branches[index] for index in fitting])
    named = [index for index in fitting if value.get(tag) in _tags(branches[index], tag)]
    return named[0] if named else NoTag(tag, known)


def _accepts(branch: Schema, kind: str) -> bool:
    type_ = branch.get("type")
    return type_ == kind or (type_ == "number" and kind == "integer")


def _tag(branches: Sequence[Schema]) -> tuple[str, tuple[str, ...]]:
    """The field that distinguishes the alternatives, and its values."""
    for name in branches[0].get("properties", {}):
        if all(_tags(branch, name) for branch in branches):
            values = (value for branch in branches for value in _tags(branch, name))
            return name, tuple(str(value) for value in values)
    return "type", ()


def _tags(branch: Schema, name: str) -> list[Any]:
    field = branch.get("properties", {}).get(name, {})
    return list(field.get("enum", ())) if name in branch.get("required", ()) else []
