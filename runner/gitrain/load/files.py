"""The files and folders that manifests name: whether they exist, and the content of small ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from gitrain.assets import is_remote
from gitrain.document import Document, Files
from gitrain.document import Path as Field
from gitrain.errors import Problem, Tally
from gitrain.graph import as_upstream
from gitrain.load import boundary
from gitrain.load.reading import problem_of, read, read_bytes
from gitrain.load.requirements import local_in_conda, local_requirements
from gitrain.manifest import Data, Environment, EnvironmentSpec, Job
from gitrain.schema.finding import Finding, did_you_mean
from gitrain.workspace_types import DataPaths, WorkspaceType
from gitrain.yaml.decode import Flaw, FlawError, decode
from gitrain.yaml.documents import Parse
from gitrain.yaml.parse import parse
from gitrain.yaml.places import Source


def read_files(
    documents: Iterable[Document], root: Path, where: WorkspaceType, parser: Parse = parse
) -> tuple[Files, tuple[Problem, ...]]:
    """Read what the documents of one workspace name; `where` is the workspace's type.

    Each file is read once, however many documents name it. Source trees and data are not read.
    Never raises for the content of a file.
    """
    reader = _Reader(root, parser)
    tally = Tally()
    problems: list[Problem] = []
    for document in documents:
        if not tally.full(document.file):
            found = (
                one for use in _uses(document, where.data) for one in reader.use(document, use)
            )
            problems += tally.take(document.file, found)
    ordered = sorted(dict.fromkeys(problems), key=lambda problem: problem.order)
    return Files(texts=reader.texts, condas=reader.condas), tuple(ordered)


class _Use(msgspec.Struct, frozen=True):
    """A field that names a path, and what the path must be: conda, text, folder, file or data."""

    field: Field
    path: str
    wants: str
    by_content: bool = False

    @property
    def data(self) -> bool:
        return self.wants.startswith("data")


def _uses(document: Document, data: DataPaths) -> Iterator[_Use]:
    resource = document.resource
    if isinstance(resource, Environment):
        yield from _of_environment(("spec",), resource.spec)
    if isinstance(resource, Job):
        spec = resource.spec
        if isinstance(spec.environment, EnvironmentSpec):
            yield from _of_environment(("spec", "environment"), spec.environment)
        if spec.code:
            yield _Use(("spec", "code"), spec.code, "folder")
        for name, value in spec.inputs.items() if data is DataPaths.FILES else ():
            if isinstance(value, Data) and not is_remote(value.path) and not as_upstream(value):
                wants = "data file" if value.type == "uri_file" else "data folder"
                yield _Use(
                    ("spec", "inputs", name, "path"),
                    value.path,
                    wants,
                    value.fingerprint == "content",
                )


def _of_environment(at: Field, spec: EnvironmentSpec) -> Iterator[_Use]:
    if isinstance(spec.conda_file, str) and spec.conda_file:
        yield _Use((*at, "conda_file"), spec.conda_file, "conda")
    if spec.requirements_file:
        yield _Use((*at, "requirements_file"), spec.requirements_file, "text")
    if spec.build is not None:
        yield _Use((*at, "build", "path"), spec.build.path, "folder")
        dockerfile = f"{spec.build.path}/{spec.build.dockerfile_path}"
        yield _Use((*at, "build", "dockerfile_path"), dockerfile, "file")


class _Reader:
    def __init__(self, root: Path, parser: Parse) -> None:
        self.texts: dict[str, str] = {}
        self.condas: dict[str, Mapping[str, Any]] = {}
        self._root = root
        self._parser = parser
        self._seen: dict[tuple[str, str, bool], Finding | Problem | None] = {}

    def use(self, document: Document, use: _Use) -> Iterator[Problem]:
        """The problem with one use; a problem inside a file is located in that file."""
        target = document.path(use.path)
        key = (target, use.wants, use.by_content)
        if key not in self._seen:
            self._seen[key] = self._look(target, use)
        wrong = self._seen[key]
        if isinstance(wrong, Finding):
            yield msgspec.structs.replace(wrong, path=use.field).at(document.marks)
        elif wrong is not None:
            yield wrong

    def _look(self, target: str, use: _Use) -> Finding | Problem | None:
        path = self._root / target
        try:
            if refused := self._data(target, use) if use.data else self._escape(target, use):
                return refused
            if not path.exists():
                return _missing(self._root, path, use)
            if path.is_dir() != use.wants.endswith("folder"):
                return _wrong_sort(use)
            if use.wants == "conda":
                return self._conda(target)
            if use.wants == "text":
                return self._text(target)
        except (OSError, ValueError) as error:
            return Finding(
                (), "unreadable", f"cannot read `{use.path}`: {error}", "check its permissions"
            )
        return None

    def _text(self, target: str) -> Problem | None:
        data = read_bytes(self._root / target)
        try:
            self.texts[target] = text = decode(data)
        except FlawError as error:
            return problem_of(error.flaw, Source(target, data.decode(errors="replace")))
        return _first(local_requirements(text), Source(target, text))

    def _escape(self, target: str, use: _Use) -> Finding | None:
        """A path that is tied to this machine, or that leaves the project."""
        if is_remote(use.path) or use.path.startswith("git+"):
            message = f"`{use.path}` is not supported yet: only paths in the project are"
            return Finding((), "not-supported", message, "keep it in the repository")
        if Path(use.path).is_absolute():
            message = f"`{use.path}` is an absolute path"
            return Finding((), "outside-project", message, "write it relative to the manifest")
        if why := boundary.outside(self._root, target):
            message = f"`{use.path}` {why}"
            return Finding((), "outside-project", message, "keep it below gitrain.yaml")
        return None

    def _data(self, target: str, use: _Use) -> Finding | None:
        """Data that belong to Git or gitrain, or that only their user may let us read."""
        why = boundary.unlisted(self._root, target)
        elsewhere = why == "is outside the project"
        if not why or (elsewhere and not use.by_content):
            return None
        message = f"`{use.path}` {why}"
        cure = "keep the data elsewhere"
        if elsewhere:
            message += ", and fingerprint: content would read it"
            cure = f"set {boundary.DATA_ROOTS} to the folders that may be read, or remove it"
        return Finding((), "outside-project", message, cure)

    def _conda(self, target: str) -> Finding | Problem | None:
        reading = read(self._root, target, self._parser)
        if reading.problems:
            return reading.problems[0]
        if len(reading.documents) != 1 or not isinstance(reading.documents[0].value, dict):
            message = f"`{target}` is not a conda file: it must be a mapping with `dependencies`"
            return Finding((), "wrong-type", message, "write `dependencies: […]` in it")
        self.condas[target] = conda = reading.documents[0].value
        return _first(local_in_conda(conda, reading.source.text), reading.source)


def _first(flaws: Iterator[Flaw], source: Source) -> Problem | None:
    return next((problem_of(flaw, source) for flaw in flaws), None)


def _missing(root: Path, path: Path, use: _Use) -> Finding:
    if "\\" in use.path:
        hint = "write `/` instead of the backslash: it separates folders on every system"
        return Finding((), "missing-path", f"`{use.path}` does not exist", hint)
    known = path.parent.is_dir() and not boundary.outside(root, path.parent)
    siblings = [entry.name for entry in path.parent.iterdir()] if known else []
    near = did_you_mean(path.name, siblings)
    folder = use.path.rpartition("/")[0]
    if near and folder and use.field[-1:] != ("dockerfile_path",):
        near = near.replace("`", f"`{folder}/", 1)
    relative = "paths are relative to the manifest that names them"
    if use.field[-1:] == ("dockerfile_path",):
        relative = "`dockerfile_path` is relative to `build.path`, such as `Dockerfile`"
    hint = near or relative
    return Finding((), "missing-path", f"`{use.path}` does not exist", hint)


def _wrong_sort(use: _Use) -> Finding:
    folder = use.wants.endswith("folder")
    message = f"`{use.path}` is {'not a folder' if folder else 'a folder'}"
    hint = {
        "data file": "write `type: uri_folder`, or the path of a file",
        "data folder": "write `type: uri_file`, or the path of a folder",
    }.get(use.wants, f"write the path of a {'folder' if folder else 'file'}")
    return Finding((), "wrong-type", message, hint)
