"""Help on fields, from their declarations and from the table of what workspaces do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitrain import fields, schema
from gitrain.errors import UsageError
from gitrain.rules.names import near

_WORKSPACES = ("local", "azureml")


def explained(field: str) -> str:
    """The help of `kind.path.to.field`; the kind's case is ignored."""
    kinds = {kind.lower(): kind for kind in schema.TYPES}
    first, *steps = field.split(".")
    if first.lower() not in kinds:
        hint = near(first.lower(), kinds) or f"a field begins with: {', '.join(kinds)}"
        raise UsageError(f"there is no kind {first}; {hint}")
    kind = kinds[first.lower()]
    root = schema.of_kind(kind)
    node, way, declared = _resolve(root, root), [kind], [kind]
    required = False
    for step in steps:
        known = node.get("properties", {})
        if step not in known and isinstance(node.get("additionalProperties"), dict):
            node = _resolve(root, node["additionalProperties"])
        elif step in known:
            required = step in node.get("required", ())
            node = _resolve(root, known[step])
            declared.append(step)
        else:
            hint = near(step, known) or f"it has: {', '.join(known) or 'no fields'}"
            raise UsageError(f"{'.'.join(way)} has no field {step}; {hint}")
        way.append(step)
    lines = (*_lines(root, node, way, required), *_treatment(declared), *_inner(root, node))
    return "\n".join(lines) + "\n"


def _resolve(root: Mapping[str, Any], node: Mapping[str, Any]) -> dict[str, Any]:
    """The node with what it refers to merged below it, and of several branches the richest."""
    merged = dict(node)
    references = [part["$ref"] for part in (node, *node.get("allOf", ())) if "$ref" in part]
    for reference in references:
        found = _resolve(root, root["definitions"][reference.rpartition("/")[2]])
        merged = {**found, **merged}
    for branch in node.get("anyOf", ()):
        found = _resolve(root, branch)
        if "properties" in found:
            merged = {**found, **merged}
    return merged


def _lines(
    root: Mapping[str, Any], node: Mapping[str, Any], way: list[str], required: bool
) -> Iterator[str]:
    yield f"{'.'.join(way)}  {_type(root, node)}{', required' if required else ''}"
    if node.get("description"):
        yield f"\n  {node['description']}"
    if node.get("default") not in (None, "", {}, []):
        yield f"\n  Default: {node['default']}"


def _treatment(declared: list[str]) -> Iterator[str]:
    """What each workspace does with a field; `declared` names it without the keys of maps."""
    for name in _WORKSPACES if declared[1:2] == ["spec"] and declared[0] != "Project" else ():
        treated = fields.treatment(name, ".".join(declared))
        yield f"  On {name}: {treated.verdict.value}{f' ({treated.how})' if treated.how else ''}"


def _inner(root: Mapping[str, Any], node: Mapping[str, Any]) -> Iterator[str]:
    properties = node.get("properties", {})
    if properties:
        yield "\n  Fields:"
        width = max(map(len, properties))
        for name, inner in properties.items():
            found = _resolve(root, inner)
            yield f"    {name:<{width}}  {found.get('description', '')}"


def _type(root: Mapping[str, Any], node: Mapping[str, Any]) -> str:
    if "enum" in node:
        return " | ".join(map(str, node["enum"]))
    if "const" in node:
        return str(node["const"])
    if "anyOf" in node:
        types = (_type(root, _resolve(root, branch)) for branch in node["anyOf"])
        return " | ".join(dict.fromkeys(t for t in types if t != "null"))
    if node.get("type") == "array":
        return f"list of {_type(root, _resolve(root, node.get('items', {})))}"
    plain = str(node.get("type", "any"))
    return {"object": "map", "string": "text"}.get(plain, plain)
