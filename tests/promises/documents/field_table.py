"""The fields of each kind, and what each type of workspace does with them: from the schemas and
from `gitrain.workspace_types`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitrain.kinds import KINDS
from gitrain.schema import generate
from gitrain.workspace_types import TYPES, Treatment


def fields(kind: str) -> list[str]:
    """Every field of a kind, those with parts too, in the order of their declaration."""
    root = generate.of_kind(kind)
    return list(_all(root, root["definitions"][kind], kind))


def _all(root: Mapping[str, Any], node: Mapping[str, Any], field: str) -> Iterator[str]:
    """The fields below one; of an inline environment none, since they are the Environment's."""
    parts = {} if field == "Job.spec.environment" else _parts(root, node)
    for name, part in parts.items():
        yield f"{field}.{name}"
        yield from _all(root, part, f"{field}.{name}")


def leaves(kind: str) -> list[str]:
    """Every field of a kind's spec, down to what has no parts; an inline environment is a leaf."""
    root = generate.of_kind(kind)
    return list(_leaves(root, root["definitions"][f"{kind}Spec"], f"{kind}.spec"))


def _leaves(root: Mapping[str, Any], node: Mapping[str, Any], field: str) -> Iterator[str]:
    parts = {} if field == "Job.spec.environment" else _parts(root, node)
    for name, part in parts.items():
        yield from _leaves(root, part, f"{field}.{name}")
    if not parts:
        yield field


def _parts(root: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a node, or of the values of the map that it is."""
    if "$ref" in node:
        return _parts(root, root["definitions"][node["$ref"].rpartition("/")[2]])
    found: dict[str, Any] = dict(node.get("properties", {}))
    values = node.get("additionalProperties")
    for inner in (*node.get("allOf", ()), *node.get("anyOf", ()), values):
        if isinstance(inner, Mapping):
            found |= _parts(root, inner)
    return found


def rows(kind: str) -> dict[str, tuple[Treatment, ...]]:
    """What each workspace does with each field; one row for fields that are treated alike."""
    treated = {f: tuple(row.treatment(f) for row in TYPES.values()) for f in leaves(kind)}
    whole: dict[str, set[tuple[Treatment, ...]]] = {}
    for field, verdicts in treated.items():
        for above in _above(field):
            whole.setdefault(above, set()).add(verdicts)
    return {
        next((above for above in _above(field) if len(whole[above]) == 1), field): verdicts
        for field, verdicts in treated.items()
    }


def _above(field: str) -> Iterator[str]:
    """`Job.spec`, `Job.spec.resources`, `Job.spec.resources.shm_size`."""
    steps = field.split(".")
    for count in range(2, len(steps) + 1):
        yield ".".join(steps[:count])


def table() -> str:
    """The table, in Markdown."""
    head = ["field", *(f"on `{name}`" for name in TYPES)]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for kind in KINDS:
        for field, treated in rows(kind).items():
            cells = " | ".join(map(str, treated))
            name = field.partition(".spec.")[2] or "every field"
            lines.append(f"| {kind} `{name}` | {cells} |".replace("`every field`", "every field"))
    return "\n".join(lines) + "\n"
