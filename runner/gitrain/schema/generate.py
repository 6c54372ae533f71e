"""Types → JSON Schema, in keywords that draft-07 and 2020-12 read alike: what editors need.

The files in `schemas/` are written from here and never by hand.
"""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Union

import msgspec

from gitrain.atomic import write_atomically
from gitrain.kinds import KINDS
from gitrain.manifest import Project, type_of

DIALECT = "http://json-schema.org/draft-07/schema#"

# What tells types apart is no field of theirs, and so has no text of its own.
_TAGS = {"kind": "What the manifest describes.", "type": "Which type of workspace it is."}

# OpenAPI's keyword for tagged unions; to JSON Schema it means nothing.
_NOT_PORTABLE = ("discriminator",)


def kinds() -> tuple[str, ...]:
    """What a document may be: the project, or a kind of manifest."""
    return ("Project", *KINDS)


def schema_of(type_: Any, title: str, id_: str) -> dict[str, Any]:
    """The JSON Schema of a type, complete in itself."""
    (root,), components = msgspec.json.schema_components(
        (type_,), ref_template="#/definitions/{name}"
    )
    return {
        "$schema": DIALECT,
        "$id": id_,
        "title": title,
        **_portable(root if "anyOf" in root else {"allOf": [root]}),
        "definitions": {name: _portable(part) for name, part in sorted(components.items())},
    }


@cache
def of_kind(kind: str) -> Mapping[str, Any]:
    """The schema of a manifest of this kind."""
    schema = schema_of(_type(kind), f"gitrain {kind}", _id(kind.lower()))
    for part in schema["definitions"].values():
        for tag, text in _TAGS.items():
            if tag in part.get("properties", {}):
                part["properties"][tag] = {"description": text, **part["properties"][tag]}
    return schema


def manifest() -> dict[str, Any]:
    """The schema of any manifest; `kind` says which it is."""
    any_kind: Any = Union[tuple(map(_type, kinds()))]  # noqa: UP007 - of as many as there are
    schema = schema_of(any_kind, "gitrain manifest", _id("manifest"))
    branches = schema.pop("anyOf")
    # By `kind`, so that an editor complains about the one kind that was meant, and not about four.
    conditions = [
        {
            "if": {"properties": {"kind": {"const": branch["$ref"].rpartition("/")[2]}}},
            "then": branch,
        }
        for branch in branches
    ]
    kind = {"description": _TAGS["kind"], "enum": sorted(kinds())}
    return {
        **schema,
        "type": "object",
        "properties": {"kind": kind},
        "required": ["kind"],
        "allOf": conditions,
    }


def render(schema: Mapping[str, Any]) -> str:
    """The text of a schema file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def files() -> dict[str, str]:
    """The text of each file of `schemas/v1/` that describes manifests, by name."""
    schemas = {kind.lower(): of_kind(kind) for kind in kinds()} | {"manifest": manifest()}
    return {f"{name}.json": render(schema) for name, schema in schemas.items()}


def write(folder: Path) -> None:
    """Write the schemas of the manifests into `folder`, the `v1` of `schemas/`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        write_atomically(folder / name, text.encode())


def data(name: str) -> Path:
    """A folder that ships with gitrain, `schemas` or `training`: of the wheel or the checkout."""
    package = Path(str(importlib.resources.files("gitrain")))
    shipped = package / "_data" / name
    return shipped if shipped.exists() else package.parents[1] / name


def _type(kind: str) -> type:
    return Project if kind == "Project" else type_of(kind)


def _id(name: str) -> str:
    return f"urn:gitrain:schema:v1:{name}"


def _portable(schema: Any) -> Any:
    """Without keywords that only some know, and with no `$ref` that has siblings.

    Draft-07 ignores what stands beside a `$ref`; in an `allOf` of one it counts everywhere.
    """
    if isinstance(schema, list):
        return [_portable(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _portable(part) for key, part in schema.items() if key not in _NOT_PORTABLE}
    if isinstance(kept.get("$ref"), str) and len(kept) > 1:
        reference = kept.pop("$ref")
        kept["allOf"] = [{"$ref": reference}]
    return kept
