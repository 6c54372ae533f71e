"""Which parts of the JSON Schemas the corpus uses: leaves, words, kinds of values, and pairs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from tests.root import ROOT

SCHEMAS = ROOT / "schemas" / "v1"
SCALARS = {"string": str, "integer": int, "number": float, "boolean": bool}


class Schema:
    """One kind's schema. A place is a path of keys; `*` is a key that the writer chooses."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._whole = json.loads((SCHEMAS / f"{kind.lower()}.json").read_text())

    def declared(self) -> set[str]:
        return set(self._declared(self._whole, self.kind))

    def used(self, document: Any) -> set[str]:
        return set(self._used(self._whole, document, self.kind))

    def _branches(self, node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """The alternatives of a node, references followed."""
        if "$ref" in node:
            target = self._whole
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            yield from self._branches(target)
        elif inner := node.get("anyOf") or node.get("oneOf") or node.get("allOf"):
            for one in inner:
                yield from self._branches(one)
        else:
            yield node

    def _declared(self, node: Mapping[str, Any], path: str) -> Iterator[str]:
        for one in self._branches(node):
            yield from _words(one, path)
            enums = {}
            for key, inner in one.get("properties", {}).items():
                yield from self._declared(inner, f"{path}.{key}")
                enums[key] = [w for b in self._branches(inner) for w in b.get("enum", ())]
            yield from _pairs(path, enums)
            if isinstance(one.get("additionalProperties"), dict):
                yield from self._declared(one["additionalProperties"], f"{path}.*")
            if isinstance(one.get("items"), dict):
                yield from self._declared(one["items"], f"{path}[]")

    def _used(self, node: Mapping[str, Any], value: Any, path: str) -> Iterator[str]:
        for one in self._branches(node):
            yield from (word for word in _words(one, path) if _says(word, path, value))
            if isinstance(value, dict) and _fits(one, value):
                yield from _pairs(path, {k: [v] for k, v in value.items() if isinstance(v, str)})
            for inner, given, here in _inside(one, value, path):
                yield from self._used(inner, given, here)


def _fits(node: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    """Whether a mapping can be meant for this alternative."""
    others = isinstance(node.get("additionalProperties"), dict)
    return others or value.keys() <= node.get("properties", {}).keys()


def _inside(
    node: Mapping[str, Any], value: Any, path: str
) -> Iterator[tuple[Mapping[str, Any], Any, str]]:
    """What is in a value: its schema, itself, and its path."""
    if isinstance(value, list) and isinstance(node.get("items"), dict):
        yield from ((node["items"], inner, f"{path}[]") for inner in value)
    if isinstance(value, dict) and _fits(node, value):
        known = node.get("properties", {})
        for key, inner in value.items():
            if key in known:
                yield known[key], inner, f"{path}.{key}"
            else:
                yield node["additionalProperties"], inner, f"{path}.*"


def _words(node: Mapping[str, Any], path: str) -> Iterator[str]:
    """What a leaf can be: each word it may say, true and false, or a kind of value."""
    kind = node.get("type")
    if words := node.get("enum") or ([node["const"]] if "const" in node else None):
        yield from (f"{path}={word}" for word in words)
    elif kind == "boolean":
        yield from (f"{path}=True", f"{path}=False")
    elif kind in SCALARS:
        yield f"{path}:{kind}"


def _says(word: str, path: str, value: Any) -> bool:
    if word == f"{path}={value}":
        return True
    kind = SCALARS.get(word.removeprefix(f"{path}:"))
    return kind is not None and type(value) is kind


def _pairs(path: str, words: Mapping[str, list[str]]) -> Iterator[str]:
    """Every two words that stand next to each other."""
    for (one, first), (other, second) in combinations(sorted(words.items()), 2):
        yield from (f"{path}: {one}={a} {other}={b}" for a in first for b in second)
