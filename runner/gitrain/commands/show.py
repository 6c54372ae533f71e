"""gitrain show"""

from __future__ import annotations

from io import StringIO
from typing import Any

import click
import msgspec

from gitrain.commands.options import common
from gitrain.document import Document
from gitrain.expressions import literal
from gitrain.kinds import KINDS
from gitrain.manifest import Environment
from gitrain.project.opened import OpenedProject
from gitrain.terminal.invocation import Invocation


@click.command("show")
@click.argument("kind", type=click.Choice(tuple(KINDS), case_sensitive=False))
@click.argument("name")
@common("json", "azureml")
def command(invocation: Invocation, kind: str, name: str) -> None:
    """Print a manifest as the workspace gets it, with defaults, overrides and vars merged in.

    Comments at the top give its digest and what the digest is made of. With -o azureml, prints
    Azure ML's own YAML.

    \b
    Examples:
      gitrain show Job fastai-digits
      gitrain show job fastai-digits -w azure -o azureml
    """
    text, notes = shown(invocation, kind, name)
    invocation.write(text)
    for note in notes:
        click.echo(f"note: {note}", err=True)


def shown(invocation: Invocation, kind: str, name: str) -> tuple[str, tuple[str, ...]]:
    """The text, and the notes about it."""
    opened = OpenedProject(invocation)
    document = _find(opened, kind, name)
    if invocation.output == "azureml":
        from gitrain.azureml_yaml import write

        environments = {d.name: d for d in opened.documents if isinstance(d.resource, Environment)}
        return write(document, environments)
    facts = next((one.shown for one in opened.desired.of(kind) if one.name == name), {})
    built: dict[str, Any] = msgspec.to_builtins(document.resource)
    manifest = {"apiVersion": built.pop("apiVersion"), **built}
    if invocation.output == "json":
        encoded = msgspec.json.encode({"manifest": manifest, **facts})
        return msgspec.json.format(encoded, indent=2).decode(), ()
    head = [f"{document.kind} {name}, from {document.location}"]
    head += [f"{key}: {_line(value)}" for key, value in facts.items() if value]
    return "".join(f"# {line}\n" for line in head) + as_yaml(manifest), ()


def _find(opened: OpenedProject, kind: str, name: str) -> Document:
    for document in opened.documents:
        if (document.kind, document.name) == (kind, name):
            return document
    raise opened.missing(kind, name)


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
    """Texts of several lines as blocks, so that commands and Dockerfiles are readable."""
    from ruamel.yaml.scalarstring import LiteralScalarString

    if isinstance(value, dict):
        return {key: _blocks(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_blocks(inner) for inner in value]
    return LiteralScalarString(value) if isinstance(value, str) and "\n" in value else value
