"""A `jsonschema` error → findings in plain words: which field is wrong, why, and how to fix it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from jsonschema import ValidationError

from gitrain.document import Path
from gitrain.near import near
from gitrain.schema import not_in_v1
from gitrain.schema.finding import Finding, did_you_mean, either, listed
from gitrain.schema.unions import NoTag, NoType, Schema, json_type, meant, resolved
from gitrain.secrets.lines import secretive


class _Wrong(msgspec.Struct, frozen=True):
    """A parsed error: `rule` is the keyword that `value` violates, `limit` what it requires.

    `schema` is the schema with the keyword, `title` the name of the type that has the field.
    """

    path: Path
    value: Any
    rule: str
    limit: Any
    schema: Schema
    title: str
    message: str


def findings(error: ValidationError, root: Schema) -> Iterator[Finding]:
    """The findings that describe an error against the schema `root`.

    Of a union, only the intended alternative is reported: the others would bury it.
    """
    wrong = _read(error, root)
    if "propertyNames" in error.absolute_schema_path:
        yield _name(wrong)
    elif wrong.rule == "anyOf":
        yield from _union(wrong, error, root)
    elif wrong.rule in _WORDS:
        yield from _WORDS[wrong.rule](wrong)
    else:
        yield Finding(wrong.path, "wrong-value", wrong.message)


def _read(error: ValidationError, root: Schema) -> _Wrong:
    schema: Any = error.schema
    return _Wrong(
        path=tuple(error.absolute_path),
        value=error.instance,
        rule=str(error.validator),
        limit=error.validator_value,
        schema=schema,
        title=_title(error, root),
        message=error.message,
    )


def _title(error: ValidationError, root: Schema) -> str:
    """The type whose field has the error: the last one on the path through the schema."""
    schema: Any = root
    title = ""
    for step in error.absolute_schema_path:
        if isinstance(schema, Mapping):
            schema = resolved(schema, root)
            title = str(schema.get("title", title))
            schema = schema if step == "$ref" else schema.get(step, {})
        elif isinstance(schema, list) and isinstance(step, int):
            schema = schema[step]
    return title


def _union(wrong: _Wrong, error: ValidationError, root: Schema) -> Iterator[Finding]:
    match meant([resolved(branch, root) for branch in wrong.limit], wrong.value):
        case NoType(types):
            yield _wrong_type(wrong, types)
        case NoTag(tag, known):
            yield _untagged(wrong, tag, known)
        case index:
            for part in error.context or ():
                if part.schema_path[0] == index:
                    yield from findings(part, root)


def _untagged(wrong: _Wrong, tag: str, known: tuple[str, ...]) -> Finding:
    at, written = (*wrong.path, tag), wrong.value.get(tag)
    if written is None:
        return Finding(at, "missing-field", f"`{tag}` is missing", f"write {listed(known)}")
    message = f"must be {listed(known)}, but {_said(at, written)}"
    return Finding(at, "wrong-value", message, did_you_mean(written, known))


# Actual and expected values ---------------------------------------------------------------------

_TYPES = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "a mapping",
    "array": "a list",
}


def _said(path: Path, value: Any) -> str:
    """What the field contains, without any secret."""
    if value is None:
        return "is empty"
    kind = json_type(value)
    if kind in ("object", "array") or any(secretive(step) for step in path):
        return f"is {_TYPES[kind]}"
    if isinstance(value, str):
        return f'is the string "{_short(value)}"'
    return f"is {str(value).lower()}"


def _short(text: str) -> str:
    text = text.replace("\n", " ").replace("\t", " ")
    return text if len(text) <= 60 else f"{text[:57]}…"


def _type(wrong: _Wrong) -> Iterator[Finding]:
    yield _wrong_type(wrong, (wrong.limit,) if isinstance(wrong.limit, str) else wrong.limit)


def _wrong_type(wrong: _Wrong, types: tuple[str, ...]) -> Finding:
    words = [_TYPES[name] for name in dict.fromkeys(types) if name in _TYPES]
    if "number" in types and "integer" in types:
        words.remove(_TYPES["integer"])
    message = f"must be {either(words)}, but {_said(wrong.path, wrong.value)}"
    return Finding(wrong.path, "wrong-type", message, _cure(wrong, types))


def _cure(wrong: _Wrong, types: tuple[str, ...]) -> str:
    value = wrong.value
    if value is None:
        return "write a value, or remove the key"
    if "string" in types and isinstance(value, bool | int | float):
        return "put it in quotes"
    if "integer" in types and isinstance(value, float) and value.is_integer():
        return f"write {int(value)}"
    if types[0] == "array" and isinstance(value, str):
        return "write it as a list: `[…]`"
    return _unquoted(wrong, value, types) if isinstance(value, str) else ""


_TRUTH = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"([0-9]{1,9}) ?([smhd])(?:ec|in|rs?|ays?)?")


def _seconds(text: str) -> str:
    """How to write `1h` where a number of seconds is expected."""
    found = _DURATION.fullmatch(text.strip())
    seconds = int(found[1]) * _UNITS[found[2]] if found else 3600
    return f"write {seconds}: the unit is seconds" if found else "write seconds, such as 3600"


def _unquoted(wrong: _Wrong, text: str, types: tuple[str, ...]) -> str:
    """How to write a string where a number or a boolean is expected."""
    if "boolean" in types and text.lower() in (*_TRUTH, *_TRUTH.values()):
        return f"write {_TRUTH.get(text.lower(), text.lower())}"
    number = {"integer", "number"} & {*types}
    if number and re.fullmatch(r"[-+]?[0-9.]+", text):
        return "write it without quotes"
    return _seconds(text) if "seconds" in str(wrong.schema.get("description")).lower() else ""


def _enum(wrong: _Wrong) -> Iterator[Finding]:
    field = str(wrong.path[-1]) if wrong.path else ""
    if wrong.value in not_in_v1.VALUES.get((wrong.title, field), ()):
        message = f"`{field}: {wrong.value}` is not supported yet"
        yield Finding(wrong.path, "not-supported", message, f"write {listed(wrong.limit)}")
        return
    message = f"must be {listed(wrong.limit)}, but {_said(wrong.path, wrong.value)}"
    hint = did_you_mean(wrong.value, wrong.limit) if isinstance(wrong.value, str) else ""
    yield Finding(wrong.path, "wrong-value", message, hint)


def _required(wrong: _Wrong) -> Iterator[Finding]:
    # One error for each missing field: the validator names it only at the start of its message.
    missing = next(name for name in wrong.limit if wrong.message.startswith(f"'{name}' "))
    known = wrong.schema.get("properties", {})
    typo = near(missing, [key for key in wrong.value if key not in known][:50])
    hint = f"did you mean `{missing}` instead of `{typo}`?" if typo else f"write `{missing}: …`"
    yield Finding((*wrong.path, missing), "missing-field", f"`{missing}` is missing", hint)


def _additional(wrong: _Wrong) -> Iterator[Finding]:
    known = [*wrong.schema.get("properties", {})]
    title = str(wrong.schema.get("title", ""))
    yield from (_unknown(wrong.path, key, title, known) for key in wrong.value if key not in known)


def _unknown(path: Path, key: str, title: str, known: list[str]) -> Finding:
    at = (*path, key)
    if key in not_in_v1.FIELDS.get(title, {}):
        hint = not_in_v1.FIELDS[title][key] or "remove it"
        return Finding(at, "not-supported", f"`{_short(key)}` is not supported yet", hint)
    misplaced = not_in_v1.MISPLACED.get(title, {}).get(key)
    hint = misplaced or did_you_mean(key, known) or f"valid fields: {', '.join(known)}"
    return Finding(at, "unknown-field", f"unknown field `{_short(key)}`", hint)


def _pattern(wrong: _Wrong) -> Iterator[Finding]:
    rule = str(wrong.schema.get("description") or f"it must match {wrong.limit}")
    message = f"not allowed here: {_said(wrong.path, wrong.value).removeprefix('is ')}"
    yield Finding(wrong.path, "wrong-format", message, rule)


def _length(wrong: _Wrong) -> Iterator[Finding]:
    if wrong.rule == "minLength":
        yield Finding(wrong.path, "empty-value", "must not be empty", "write a value")
    else:
        message = f"has {len(wrong.value)} characters; at most {wrong.limit} are allowed"
        yield Finding(wrong.path, "too-long", message, "shorten it")


def _bound(wrong: _Wrong) -> Iterator[Finding]:
    side = "least" if wrong.rule == "minimum" else "most"
    message = f"must be at {side} {wrong.limit}, but is {wrong.value}"
    yield Finding(wrong.path, "out-of-range", message, f"write {wrong.limit}")


def _name(wrong: _Wrong) -> Finding:
    """A key that is not a valid name; the validator points at the mapping, we point at the key."""
    key, at = str(wrong.value), (*wrong.path, str(wrong.value))
    if words := re.fullmatch(r"\^\(([\w|]+)\)\$", str(wrong.schema.get("pattern"))):
        known = words[1].split("|")
        message = f"`{_short(key)}` must be {listed(known)}"
        return Finding(at, "unknown-field", message, did_you_mean(key, known))
    cures = {
        "pattern": "use letters, digits and `_`, starting with a letter",
        "maxLength": f"use at most {wrong.limit} characters",
    }
    cure = str(wrong.schema.get("description") or cures.get(wrong.rule, "write a name"))
    return Finding(at, "wrong-format", f"`{_short(key)}` is not a valid name here", cure)


_WORDS: Mapping[str, Callable[[_Wrong], Iterator[Finding]]] = {
    "type": _type,
    "enum": _enum,
    "required": _required,
    "additionalProperties": _additional,
    "pattern": _pattern,
    "minLength": _length,
    "maxLength": _length,
    "minimum": _bound,
    "maximum": _bound,
}
