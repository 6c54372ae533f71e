"""docs/reference/json.md: the JSON outputs, from the types that they are written from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gitrain.report.json.schemas import output_files
from tests.promises.documents.reference.markdown import document, table

INTRODUCTION = """\
`-o json` prints one object with `format_version: 1`. Every key is always present; what does not
exist is null, never an empty text or NaN. Times are RFC 3339, in UTC. Within format version 1
keys are only added. stdout has the object, stderr the progress."""

NOTE = """\
`validate.json` is also what any command prints that ends with exit code 3 or 4 before it has a
plan. Each schema is complete in itself, in the draft-07 dialect."""

COMMANDS: Mapping[str, str] = {
    "validate.json": "gitrain validate -o json",
    "plan.json": "gitrain plan -o json",
    "reconcile.json": "gitrain reconcile -o json",
    "status.json": "gitrain status -o json",
    "metrics.json": "gitrain metrics fastai-digits -o json",
    "outputs.json": "gitrain outputs fastai-digits -o json",
}

Schema = Mapping[str, Any]


def page() -> str:
    files = {name: json.loads(text) for name, text in output_files().items()}
    links = (
        (f"`{COMMANDS[name]}`", f"[{name}](../../schemas/v1/output/{name})")
        for name in sorted(files)
    )
    parts: dict[str, Schema] = {}
    for schema in files.values():
        parts |= schema["definitions"]
    sections = (
        part
        for name, schema in sorted(parts.items(), key=_outputs_first)
        for part in (f"## {_title(name)}", *_section(schema))
    )
    return document("JSON", INTRODUCTION, table(("output", "schema"), links), NOTE, *sections)


def _outputs_first(item: tuple[str, Schema]) -> tuple[bool, str]:
    name, schema = item
    return ("format_version" not in schema.get("properties", {}), name)


def _title(name: str) -> str:
    return name.removesuffix("Output")


def _section(schema: Schema) -> Iterator[str]:
    if text := schema.get("description"):
        yield " ".join(text.split())
    if words := schema.get("enum"):
        yield "One of " + ", ".join(f"`{word}`" for word in words) + "."
    if properties := schema.get("properties"):
        yield table(("key", "type"), ((f"`{n}`", _type(part)) for n, part in properties.items()))


def _type(part: Schema) -> str:
    """The type of a key, with a link where it has a section of its own."""
    if "$ref" in part:
        name = _title(part["$ref"].rpartition("/")[2])
        return f"[{name}](#{name.lower()})"
    if "enum" in part:
        return " or ".join(f"`{word}`" for word in part["enum"])
    if "anyOf" in part:
        return " or ".join(_type(branch) for branch in part["anyOf"])
    if part.get("type") == "array":
        return f"list of {_type(part['items'])}"
    if part.get("type") == "object":
        return f"object: name to {_type(part.get('additionalProperties', {}))}"
    return str(part.get("type", "any value")) + _remark(part)


def _remark(part: Schema) -> str:
    return f" ({part['description'].rstrip('.')})" if "description" in part else ""
