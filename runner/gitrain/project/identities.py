"""The identities of what manifests refer to on disk: source trees, and data by its content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from gitrain.assets import is_remote
from gitrain.document import Document, Files
from gitrain.document import Path as FieldPath
from gitrain.errors import Problem
from gitrain.graph import as_upstream
from gitrain.load.boundary import unlisted
from gitrain.manifest import Cluster, Data, Environment, EnvironmentSpec, Job
from gitrain.source import SourceError, Sources, content


def identities(
    documents: Iterable[Document], files: Files, sources: Sources
) -> tuple[Files, tuple[Problem, ...]]:
    """`files` with the tree ids of code and build folders, and the digests of data by content."""
    trees: dict[str, str] = {}
    contents: dict[str, str] = {}
    problems: list[Problem] = []
    folders = [(d, path, d.path(f)) for d in documents for path, f in _folders(d)]
    sources.prepare(folder for _, _, folder in folders)
    for document, path, folder in folders:
        if folder in trees:
            continue
        try:
            trees[folder] = sources.tree_id(folder)
        except SourceError as error:
            problems.append(_problem(document, path, error))
    for document in documents:
        for path, data in _by_content(document):
            if unlisted(sources.root, document.path(data)):
                continue  # whoever reads the files of manifests says so
            try:
                contents[document.path(data)] = content(sources.root / Path(document.path(data)))
            except SourceError as error:
                problems.append(_problem(document, path, error))
    return msgspec.structs.replace(files, trees=trees, contents=contents), tuple(problems)


def _problem(document: Document, path: FieldPath, error: SourceError) -> Problem:
    return document.marks.problem(path, error.code, error.message, suggestion=error.suggestion)


def _folders(document: Document) -> Iterator[tuple[FieldPath, str]]:
    resource = document.resource
    if isinstance(resource, Cluster):
        return
    if isinstance(resource, Job) and resource.spec.code:
        yield ("spec", "code"), resource.spec.code
    inline = resource.spec.environment if isinstance(resource, Job) else None
    if isinstance(resource, Environment) and resource.spec.build:
        yield ("spec", "build", "path"), resource.spec.build.path
    elif isinstance(inline, EnvironmentSpec) and inline.build:
        yield ("spec", "environment", "build", "path"), inline.build.path


def _by_content(document: Document) -> Iterator[tuple[FieldPath, str]]:
    if not isinstance(document.resource, Job):
        return
    for name, value in document.resource.spec.inputs.items():
        by_content = isinstance(value, Data) and value.fingerprint == "content"
        if (
            by_content
            and isinstance(value, Data)
            and not is_remote(value.path)
            and not as_upstream(value)
        ):
            yield ("spec", "inputs", name, "path"), value.path
