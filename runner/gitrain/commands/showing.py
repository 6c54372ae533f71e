"""One effective manifest: as YAML, as JSON, or in Azure ML's language."""

from __future__ import annotations

from io import StringIO
from typing import Any

import msgspec

from gitrain.document import Document
from gitrain.expressions import literal
from gitrain.manifest import Environment
from gitrain.project.opened import Session
from gitrain.terminal.invocation import Invocation


def shown(invocation: Invocation, kind: str, name: str) -> tuple[str, tuple[str, ...]]:
    """The text, and what must be said about it."""
    session = Session(invocation)
    document = _find(session, kind, name)
    if invocation.output == "azureml":
        from gitrain.azureml_yaml import write

        environments = {d.name: d for d in session.documents if isinstance(d.resource, Environment)}
        return write(document, environments)
    facts = next((one.shown for one in session.desired.of(kind) if one.name == name), {})
    built: dict[str, Any] = msgspec.to_builtins(document.resource)
    manifest = {"apiVersion": built.pop("apiVersion"), **built}
    if invocation.output == "json":
        encoded = msgspec.json.encode({"manifest": manifest, **facts})
        return msgspec.json.format(encoded, indent=2).decode(), ()
    head = [f"{document.kind} {name}, from {document.location}"]
    head += [f"{key}: {_line(value)}" for key, value in facts.items() if value]
    return "".join(f"# {line}\n" for line in head) + as_yaml(manifest), ()


def _find(session: Session, kind: str, name: str) -> Document:
    for document in session.documents:
        if (document.kind, document.name) == (kind, name):
            return document
    raise session.missing(kind, name)


def _line(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={literal(one)}" for key, one in value.items())
    return str(value)


def as_yaml(value: Any) -> str:
    """A JSON value as YAML for people: blocks, two spaces."""
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.default_flow_style = False
    yaml.indent(mapping=2, sequence=4, offset=2)
    text = StringIO()
    yaml.dump(_blocks(value), text)
    return text.getvalue()


def _blocks(value: Any) -> Any:
    """Texts of several lines as blocks, so that commands and Dockerfiles can be read."""
    from ruamel.yaml.scalarstring import LiteralScalarString

    if isinstance(value, dict):
        return {key: _blocks(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_blocks(inner) for inner in value]
    return LiteralScalarString(value) if isinstance(value, str) and "\n" in value else value
