"""The corpus: a project with every field of every kind, loaded through the whole real pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect
from ruamel.yaml import YAML

from gitrain.commands.identities import identities
from gitrain.desired import Desired
from gitrain.errors import Problem
from gitrain.load.files import read_files
from gitrain.load.manifests import Loaded, load
from gitrain.resolve import Kind, resolve
from gitrain.rules.check import check
from gitrain.source import Sources

HERE = Path(__file__).parent
ROOT = HERE / "project"
PROJECTS = sorted((HERE / "projects").glob("*.yaml"))
WORKSPACES: dict[str, Kind] = {"local": "local", "azure": "memory"}


def manifest_files() -> list[str]:
    """The files of the corpus that hold manifests, relative to its root."""
    files = sorted(ROOT.glob("jobs/**/*.y*ml"))
    return [f.relative_to(ROOT).as_posix() for f in files if f.name != "conda.yml"]


@cache
def loaded() -> Loaded:
    return load(ROOT)


@cache
def problems() -> tuple[Problem, ...]:
    """All that loading and the rules find in the corpus, and in the files that it names."""
    manifests = loaded().manifests
    assert manifests is not None
    found = [*loaded().problems, *check(manifests)]
    for name in WORKSPACES:
        found += read_files(manifests.documents(name), ROOT, local=name == "local")[1]
    return tuple(found)


@cache
def wanted(workspace: str) -> Desired:
    """What should exist in one of the two workspaces."""
    manifests = loaded().manifests
    assert manifests is not None
    documents = manifests.documents(workspace)
    files, _ = read_files(documents, ROOT, local=workspace == "local")
    files, wrong = identities(documents, files, Sources(ROOT, ["jobs"]))
    assert wrong == ()
    return resolve(manifests, workspace, files, kind=WORKSPACES[workspace])


def names(workspace: str, file: str) -> list[str]:
    """What a file describes in a workspace, as patterns for --select."""
    manifests = loaded().manifests
    assert manifests is not None
    found = [d for d in manifests.documents(workspace) if d.file == file]
    return [f"{document.kind}/{document.name}" for document in found]


def raw(path: Path) -> Iterator[dict[str, Any]]:
    """The documents of a file as they are written."""
    yield from YAML(typ="safe", pure=True).load_all(path.read_text())


# Field paths ---------------------------------------------------------------------------------


def field_paths(kind: type[msgspec.Struct]) -> set[str]:
    """Every path of every field of a kind; a name that the writer chooses is `*`."""
    return set(_declared(inspect.type_info(kind), kind.__name__))


def used_paths(kind: type[msgspec.Struct], value: Any) -> set[str]:
    """The paths that a document uses, and the words it chooses where there is a choice."""
    return set(_used(inspect.type_info(kind), value, kind.__name__))


def _plain(info: inspect.Type) -> list[inspect.Type]:
    """The alternatives of a type, without what is said about it."""
    if isinstance(info, inspect.Metadata):
        return _plain(info.type)
    if isinstance(info, inspect.UnionType):
        return [plain for one in info.types for plain in _plain(one)]
    return [info]


def _declared(info: inspect.Type, path: str) -> Iterator[str]:
    for one in _plain(info):
        if isinstance(one, inspect.StructType):
            for field in one.fields:
                yield f"{path}.{field.encode_name}"
                yield from _declared(field.type, f"{path}.{field.encode_name}")
        elif isinstance(one, inspect.DictType):
            yield from _declared(one.value_type, f"{path}.*")
        elif isinstance(one, inspect.VarTupleType):
            yield from _declared(one.item_type, path)
        elif isinstance(one, inspect.LiteralType):
            yield from (f"{path}={word}" for word in one.values)


def _used(info: inspect.Type, value: Any, path: str) -> Iterator[str]:
    for one in _plain(info):
        if isinstance(one, inspect.LiteralType) and value in one.values:
            yield f"{path}={value}"
        for here, inner, given in _inside(one, value, path):
            if here != path:
                yield here
            yield from _used(inner, given, here)


def _inside(one: inspect.Type, value: Any, path: str) -> list[tuple[str, inspect.Type, Any]]:
    """What is in a value of one type: its path, type and value."""
    if isinstance(one, inspect.StructType) and isinstance(value, dict):
        given = [field for field in one.fields if field.encode_name in value]
        return [(f"{path}.{f.encode_name}", f.type, value[f.encode_name]) for f in given]
    if isinstance(one, inspect.DictType) and isinstance(value, dict):
        return [(f"{path}.*", one.value_type, inner) for inner in value.values()]
    if isinstance(one, inspect.VarTupleType) and isinstance(value, list):
        return [(path, one.item_type, inner) for inner in value]
    return []
