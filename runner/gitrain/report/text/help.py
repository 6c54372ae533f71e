"""Help on fields, from their declarations and from the table of what workspaces do; and on problem
codes, from their catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gitrain.errors import UsageError
from gitrain.expressions import literal
from gitrain.problems import catalogue
from gitrain.report.text.columns import Style, unstyled
from gitrain.report.text.problem_code import code_text, codes_text
from gitrain.rules.names import near
from gitrain.schema import generate
from gitrain.workspace_types import TYPES

_KEY = "NAME"
_MOST_MEANT = 4

Node = Mapping[str, Any]
"""A part of a JSON Schema, with what it refers to merged below it."""


def explained(name: str, style: Style = unstyled) -> str:
    """The help of a problem code, or of `kind.path.to.field`; of "", the kinds there are.

    The case of a kind and of a code is ignored. Keys of maps may be left out:
    `job.spec.inputs.mode` is the mode of an input. Raises UsageError.
    """
    if not name:
        return "\n".join(_kinds()) + "\n"
    if row := catalogue.find(name.lower()):
        return code_text(row, _ending(name), style)
    kinds = {kind.lower(): kind for kind in generate.kinds()}
    first, *steps = name.split(".")
    if first.lower() not in kinds:
        codes = [row.code for row in catalogue.every()]
        hint = _meant(name) or near(first.lower(), [*kinds, *codes])
        hint = hint or f"a field begins with: {', '.join(kinds)}; --codes lists the codes"
        raise UsageError(f"{first} is neither a kind nor a problem code; {hint}")
    return "\n".join(_help(kinds[first.lower()], steps)) + "\n"


def all_codes(style: Style = unstyled) -> str:
    """Every problem code with its title."""
    return codes_text(catalogue.every(), style)


def names() -> Iterator[str]:
    """Everything that can be explained: codes, kinds, and fields without the keys of maps."""
    yield from (row.code for row in catalogue.every())
    for kind in generate.kinds():
        root = generate.of_kind(kind)
        yield kind.lower()
        for path in _fields(root, root, ()):
            yield ".".join([kind.lower(), *(step for step in path if step != _KEY)])


def _help(kind: str, steps: list[str]) -> Iterator[str]:
    root = generate.of_kind(kind)
    node, way, declared = _resolve(root, root), [kind], [kind]
    required = False
    for step in steps:
        entry = _entry(root, node)
        if entry and step not in entry.get("properties", {}):
            node, required = entry, False
            way.append(step)
            continue
        if entry:
            node = entry
            way.append(_KEY)
        known = node.get("properties", {})
        if step not in known:
            hint = _meant(".".join(steps), kind) or near(step, known)
            hint = hint or f"it has: {', '.join(known) or 'no fields'}"
            raise UsageError(f"{'.'.join(way)} has no field {step}; {hint}")
        required = step in node.get("required", ())
        node = _resolve(root, known[step])
        way.append(step)
        declared.append(step)
    yield from _lines(root, node, way, required)
    yield from _treatment(declared)
    yield from _inner(root, node, way)


def _kinds() -> Iterator[str]:
    """What can be explained: the kinds, and how a field of one is written."""
    roots = {kind: generate.of_kind(kind) for kind in generate.kinds()}
    yield "Kinds:"
    width = max(map(len, roots))
    for kind, root in roots.items():
        yield f"  {kind.lower():<{width}}  {_resolve(root, root).get('description', '')}"
    yield "\nA field begins with its kind: gitrain explain job.spec.limits.timeout"
    yield "A problem's code is in brackets, error[unknown-field]: gitrain explain unknown-field"
    yield "All problem codes: gitrain explain --codes"


def _meant(words: str, *kinds: str) -> str:
    """A suggestion when these are the last steps to a field, of these kinds or of any."""
    found = _ending(words, *kinds)
    return f"did you mean {' or '.join(found)}?" if found else ""


def _ending(words: str, *kinds: str) -> list[str]:
    """The fields, of these kinds or of any, whose last steps are these; the shortest few."""
    last = words.lower().split(".")

    def ends(path: tuple[str, ...]) -> bool:
        return [step.lower() for step in path if step != _KEY][-len(last) :] == last

    roots = {kind: generate.of_kind(kind) for kind in kinds or generate.kinds()}
    found = [
        ".".join((kind.lower(), *path))
        for kind, root in roots.items()
        for path in _fields(root, root, ())
        if ends(path)
    ]
    return sorted(found, key=lambda path: path.count("."))[:_MOST_MEANT]


def _fields(root: Node, node: Node, way: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The way to each field below a node, with a name for each key of a map."""
    node = _resolve(root, node)
    if entry := _entry(root, node):
        yield from _fields(root, entry, (*way, _KEY))
    for name, inner in node.get("properties", {}).items():
        yield (*way, name)
        yield from _fields(root, inner, (*way, name))


def _entry(root: Node, node: Node) -> Node:
    """What a map holds under each of its keys; empty for what is no map of something known."""
    held = node.get("additionalProperties")
    return _resolve(root, held) if isinstance(held, dict) else {}


def _resolve(root: Node, node: Node) -> Node:
    """The node with what it refers to merged below it, and of several branches all the fields."""
    merged = dict(node)
    references = [part["$ref"] for part in (node, *node.get("allOf", ())) if "$ref" in part]
    for reference in references:
        found = _resolve(root, root["definitions"][reference.rpartition("/")[2]])
        merged = {**found, **merged}
    for branch in node.get("anyOf", ()):
        found = _resolve(root, branch)
        if "properties" in found:
            properties = _joined(found["properties"], merged.get("properties", {}))
            merged = {**found, **merged, "properties": properties}
    return merged


def _joined(one: Node, other: Node) -> Node:
    """The fields of two alternatives; one that both have may have a value of either."""
    both = {
        name: {**one[name], "enum": [*one[name]["enum"], *other[name]["enum"]]}
        for name in one.keys() & other.keys()
        if "enum" in one[name] and "enum" in other[name]
    }
    return {**one, **other, **both}


def _lines(root: Node, node: Node, way: list[str], required: bool) -> Iterator[str]:
    yield f"{'.'.join(way)}  {_type(root, node)}{', required' if required else ''}"
    if node.get("description"):
        yield f"\n  {node['description']}"
    if node.get("default") not in (None, "", (), [], {}):
        yield f"\n  Default: {_default(node['default'])}"


def _default(value: Any) -> str:
    """As it would be written in YAML, a list without its brackets."""
    return ", ".join(map(literal, value)) if isinstance(value, list | tuple) else literal(value)


def _treatment(declared: list[str]) -> Iterator[str]:
    """What each type of workspace does with a field; `declared` names it without keys of maps."""
    for row in TYPES.values() if declared[1:2] == ["spec"] and declared[0] != "Project" else ():
        yield f"  On {row.name}: {row.treatment('.'.join(declared))}"


def _inner(root: Node, node: Node, way: list[str]) -> Iterator[str]:
    """The fields there are; of a map those of what it holds, and how they are written."""
    entry = _entry(root, node)
    properties = (entry or node).get("properties", {})
    key = f"{way[-1]}.{_KEY}"
    if properties:
        how = f", written `{key}.{next(iter(properties))}`" if entry else ""
        yield f"\n  Fields{how}:"
        width = max(map(len, properties))
        for name, inner in properties.items():
            found = _resolve(root, inner)
            yield f"    {name:<{width}}  {found.get('description', '')}".rstrip()
    elif entry:
        yield f"\n  Written `{key}`: {_type(root, entry)}"


def _type(root: Node, node: Node) -> str:
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
