"""An Azure ML document → a gitrain document, and a map back to the position of each field."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from gitrain.azureml_yaml import kinds
from gitrain.azureml_yaml.tables import DEFAULTS, TABLES
from gitrain.azureml_yaml.walk import Said, rule_on
from gitrain.document import Path
from gitrain.errors import Severity
from gitrain.expressions import literal
from gitrain.manifest import API_VERSION


class Finding(msgspec.Struct, frozen=True):
    """A message about the field at `path` of the original document."""

    path: Path
    code: str
    message: str
    suggestion: str = ""
    severity: Severity = Severity.ERROR


class Translation(msgspec.Struct, frozen=True):
    """An Azure ML document in gitrain's language.

    `document` has not passed the schema yet; it is None if v1 has no such kind, and `unsupported`
    then says what it is. `moved` maps its paths to those of the original; each entry covers
    everything below it.
    """

    document: dict[str, Any] | None
    moved: Mapping[Path, Path] = {}
    problems: tuple[Finding, ...] = ()
    unsupported: str = ""

    def original(self, path: Path) -> Path:
        """The path in the original of a field of `document`."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.moved:
                return (*self.moved[path[:end]], *path[end:])
        return path


def translate(
    value: Mapping[Any, Any], file: str, defaults: Mapping[str, Mapping[str, Any]] = {}
) -> Translation:
    """Translate a document for which `is_azureml` is true; `file` is the file that it is in.

    `defaults` are the project's, by kind; they take precedence over Azure ML's own. Never raises: a
    value of the wrong type is kept, for the schema to refuse.
    """
    kind = kinds.kind_of(value)
    if kind is None:
        return Translation(None, unsupported=kinds.unsupported(value))
    said: list[Said] = []
    body = {key: item for key, item in value.items() if key not in _NOT_IN_SPEC}
    spec = rule_on(body, TABLES[kind], said)
    assumed = DEFAULTS.get(kind, {}).items()
    given = {*spec, *(defaults.get(kind) or {})}
    name, renamed = _name(kind, value, file)
    return Translation(
        document={
            "apiVersion": API_VERSION,
            "kind": kind,
            "metadata": {"name": name, **_metadata(value)},
            "spec": spec | {field: default for field, default in assumed if field not in given},
        },
        moved=_top(value) | _unwrapped(said),
        problems=(*_contradiction(kind, value), *renamed, *_findings(said)),
    )


_NOT_IN_SPEC = ("$schema", "type", "name", "tags", "description")


def _top(value: Mapping[Any, Any]) -> dict[Path, Path]:
    """The original paths of a gitrain document's four parts, and of its metadata."""
    kind: Path = ("type",) if "type" in value else ("$schema",)
    name: Path = ("name",) if "name" in value else ()
    return {
        (): (),
        ("apiVersion",): (),
        ("kind",): kind,
        ("metadata",): (),
        ("metadata", "name"): name,
        ("metadata", "labels"): ("tags",),
        ("metadata", "description"): ("description",),
        ("spec",): (),
    }


def _unwrapped(said: list[Said]) -> dict[Path, Path]:
    """The original paths of values that Azure ML, unlike us, wraps in a mapping."""
    wrapped = [s for s in said if s.ruling.at and not s.ruling.message]
    return {("spec", *s.path): (*s.path, *s.ruling.at) for s in wrapped}


def _metadata(value: Mapping[Any, Any]) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    if value.get("description") is not None:
        metadata["description"] = value["description"]
    tags = value.get("tags")
    if isinstance(tags, Mapping):
        metadata["labels"] = {key: _label(item) for key, item in tags.items()}
    elif tags is not None:
        metadata["labels"] = tags
    return metadata


def _label(value: Any) -> Any:
    """A tag's value as a string; a value that is not a scalar is kept, for the schema to refuse."""
    if value is None:
        return ""
    # Python refuses to write an integer of thousands of digits.
    long = isinstance(value, int) and value.bit_length() > 64
    return literal(value) if isinstance(value, str | int | float) and not long else value


_LEGAL = {"Job": "A-Za-z0-9_-", "Environment": "A-Za-z0-9_.-", "Cluster": "A-Za-z0-9-"}


def _name(kind: str, value: Mapping[Any, Any], file: str) -> tuple[Any, tuple[Finding, ...]]:
    """The resource's name, and a warning if it is not the name that was written."""
    written = value.get("name")
    if written is not None and not isinstance(written, str):
        return written, ()
    folder = posixpath.basename(posixpath.dirname(file))
    stem = posixpath.splitext(posixpath.basename(file))[0]
    stem = folder if stem == "job" and folder else stem
    name = re.sub(f"[^{_LEGAL[kind]}]", "-", written or stem)
    name = name.lstrip("_.-" if kind != "Cluster" else "0123456789-")
    name = name.rstrip("-") if kind == "Cluster" else name
    name = name or kind.lower()
    if not written or name == written:
        return name, ()
    message = f"this is not a valid name; gitrain uses `{name}` instead"
    finding = Finding(("name",), "renamed", message, f"write `{name}`", Severity.WARNING)
    return name, (finding,)


def _contradiction(kind: str, value: Mapping[Any, Any]) -> Iterator[Finding]:
    """`$schema` decides; a `type` must agree with it, and an environment has none."""
    written, meant = value.get("type"), kinds.TYPE_OF_KIND.get(kind, "")
    if written is None or kinds.folded(written) == meant:
        return
    cure = f"write `type: {meant}`" if meant else "remove it"
    yield Finding(("type",), "wrong-value", f"`type` does not match `$schema`: {kind}", cure)


def _findings(said: list[Said]) -> Iterator[Finding]:
    for path, ruling in ((s.path, s.ruling) for s in said if s.ruling.message):
        at = (*path, *ruling.at)
        yield Finding(at, ruling.code, ruling.message, ruling.cure, ruling.severity)
