"""docs/reference/fields.md: what `gitrain explain` says of every field, and the table of
workspaces."""

from __future__ import annotations

from collections.abc import Iterator

from gitrain.report.text.help import explained
from gitrain.schema import generate
from tests.promises.documents import field_table
from tests.promises.documents.reference.markdown import document, table

INTRODUCTION = """\
Every field of a manifest. `gitrain explain job.spec.limits.timeout` prints the same, and the
JSON Schemas in [schemas/v1](../../schemas/v1/manifest.json) let your editor complete and check
fields as you type. [Manifests by example](manifests.md) shows each of them in use.

`NAME` stands for a key that you choose."""

WORKSPACES = """\
What each type of workspace does with each field of `spec`. A field whose parts are all treated
alike stands for them. Nothing is dropped in silence: the plan notes the fields that have no
meaning in its workspace.

On `local`, `azureml:` environments and data are errors that name the override to write."""


def page() -> str:
    parts = [INTRODUCTION]
    for kind in generate.kinds():
        parts += [f"## {kind}", _about(kind), _table(kind)]
    return document("Fields", *parts, "## Fields and workspaces", WORKSPACES, field_table.table())


def _table(kind: str) -> str:
    told = (_told(field) for field in field_table.fields(kind))
    return table(("field", "type", "default", "meaning"), told)


def _about(kind: str) -> str:
    """The sentence on a kind."""
    return explained(kind.lower()).splitlines()[2].strip()


def _told(field: str) -> Iterator[str]:
    """The row of a field."""
    first, *rest = explained(field).splitlines()
    name, type_ = first.split("  ", 1)
    lines = [line.strip() for line in rest]
    default = next((line[9:] for line in lines if line.startswith("Default: ")), "")
    type_, required, _ = type_.partition(", required")
    yield f"`{name.partition('.')[2]}`"
    yield type_.replace(" | ", " or ")
    yield "required" if required else f"`{default}`" if default else ""
    yield lines[1] if len(lines) > 1 and not lines[1].startswith("Default: ") else ""
