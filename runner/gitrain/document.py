"""A manifest and the position of each of its fields, so that every message can say where."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec

from gitrain.errors import Location, Problem, Severity
from gitrain.manifest import Project, Resource

Path = tuple[str | int, ...]

_LONGEST = 1000


class Marks(msgspec.Struct, frozen=True):
    """The positions of one document's fields, those of their keys, by path; `()` is the document.

    `texts` are the source lines that a message may show, by file and line.
    """

    places: Mapping[Path, Location]
    texts: Mapping[tuple[str, int], str] = {}

    def at(self, path: Path) -> Location:
        """The position of a field, or of the nearest enclosing field in the files."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places[path]

    def problem(
        self,
        path: Path,
        code: str,
        message: str,
        *,
        suggestion: str = "",
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """A problem with the field at `path`, with its position and source line."""
        location = self.at(path)
        return Problem(
            code=code,
            message=_clipped(message),
            location=location,
            severity=severity,
            path=_clipped(".".join(str(step) for step in path)),
            suggestion=_clipped(suggestion),
            excerpt=self.texts.get((location.file, location.line), ""),
        )


def _clipped(text: str) -> str:
    """Shortens a text that quotes a manifest, which could be a megabyte."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


class Document(msgspec.Struct, frozen=True):
    """A resource as it is in one workspace, with defaults, overrides and vars merged in.

    `file` is relative to the project's root, with forward slashes; `translated` says whether
    the document was written in Azure ML's own language.
    """

    resource: Resource
    file: str
    marks: Marks
    translated: bool = False

    @property
    def kind(self) -> str:
        return type(self.resource).__name__

    @property
    def name(self) -> str:
        return self.resource.metadata.name

    @property
    def location(self) -> Location:
        return self.marks.at(())

    def field(self, name: str) -> str:
        """A field by its name in the file: in Azure ML's own YAML without `spec`, and with tags."""
        own = name.replace("metadata.labels", "tags").removeprefix("spec.")
        return own if self.translated else name

    def path(self, path: str) -> str:
        """A path in this manifest, relative to the project's root (`..` if outside)."""
        return _below(posixpath.dirname(self.file), path)


@cache
def _below(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))


class Manifests(msgspec.Struct, frozen=True):
    """All manifests of a project.

    `by_workspace` has, for each workspace of the project, the documents that exist there, sorted by
    kind and name. `warnings` are problems that are not errors; `unsupported` counts the documents
    left out because v1 has no such kind; `broken` has the kinds and names of those left out because
    of an error: references to them are not errors. `marks` are the places of gitrain.yaml.
    """

    project: Project
    by_workspace: Mapping[str, tuple[Document, ...]]
    warnings: tuple[Problem, ...] = ()
    unsupported: int = 0
    broken: frozenset[tuple[str, str]] = frozenset()
    marks: Marks = Marks({(): Location("gitrain.yaml")})

    def documents(self, workspace: str) -> tuple[Document, ...]:
        return self.by_workspace[workspace]

    def names(self, kind: str) -> frozenset[str]:
        """The names of all resources of a kind, of any workspace."""
        return frozenset(d.name for d in self.all() if d.kind == kind)

    def all(self) -> Iterator[Document]:
        """Every document, once for each workspace that it exists in."""
        for documents in self.by_workspace.values():
            yield from documents


class Files(msgspec.Struct, frozen=True):
    """The contents of the files that manifests name; keys are paths relative to the project's root.

    `texts` are requirements files, `condas` the parsed conda files, `trees` the git tree ids of
    code and build folders, `contents` the sha256 of data with `fingerprint: content`.
    """

    texts: Mapping[str, str] = {}
    condas: Mapping[str, Mapping[str, Any]] = {}
    trees: Mapping[str, str] = {}
    contents: Mapping[str, str] = {}
