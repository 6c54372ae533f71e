"""All manifests of a project, and all their problems."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from gitrain.document import Document, Manifests
from gitrain.errors import MAX_PROBLEMS, Location, Problem, Severity, UsageError, has_errors
from gitrain.load.discover import PROJECT_FILE, Discovery, find_root
from gitrain.load.documents import Resource
from gitrain.load.drafts import Claims, Draft, draft
from gitrain.load.project import Setting, read_project
from gitrain.load.reading import Reading, read
from gitrain.yaml.documents import Parse
from gitrain.yaml.parse import parse

__all__ = ["Loaded", "at_or_below", "below", "find_root", "load", "parse_value"]


class Loaded(msgspec.Struct, frozen=True):
    """What could be loaded, and every problem of every file, sorted.

    `files` counts the files that were read.
    `manifests` has the documents without errors; it is None when gitrain.yaml itself has an error.
    If any problem is an error, use the manifests only for further checks, never for a plan.
    """

    manifests: Manifests | None
    problems: tuple[Problem, ...] = ()
    files: int = 0


def load(
    root: Path, changes: Mapping[str, Mapping[str, Any]] | None = None, parser: Parse = parse
) -> Loaded:
    """Read gitrain.yaml in `root` and all manifests of the project.

    `changes` are merged into specs last, by `Kind/name`; `parser` may be that of a cache.
    Never raises for the content of files; raises UsageError without a gitrain.yaml.
    """
    if not (root / PROJECT_FILE).is_file():
        find_root(root)
        raise UsageError(f"no {PROJECT_FILE} found in {root}")
    setting, problems = read_project(root, parser)
    if setting is None:
        return Loaded(None, _sorted(problems), 1)
    setting = msgspec.structs.replace(setting, changes=changes or {})
    discovery = Discovery(root)
    files = discovery.files(setting.project.spec.manifests)
    found = [*problems, *(finding.at(setting.marks) for finding in discovery.findings)]
    resources = _Resources(setting)
    for reading, drafts in _drafts(partial(read, root, parser=parser), files, setting):
        found += [*reading.problems, *_empty(reading), *resources.take(drafts)]
    ordered = _sorted(found)
    return Loaded(resources.manifests(ordered), ordered, 1 + len(files))


def parse_value(text: str) -> Any:
    """A value from the command line, read as YAML. Raises UsageError."""
    parsed = parse(text.encode())
    if parsed.flaws:
        flaw = parsed.flaws[0]
        raise UsageError(f"{text}: {flaw.message}; {flaw.suggestion}")
    return parsed.documents[0].value if parsed.documents else None


def below(problems: Iterable[Problem], paths: Sequence[Path], root: Path) -> tuple[Problem, ...]:
    """The problems of files at or below `paths`, and those of gitrain.yaml. Raises UsageError."""
    ours = at_or_below(paths, root)

    def concerns(problem: Problem) -> bool:
        file = problem.location.file if problem.location else PROJECT_FILE
        return file == PROJECT_FILE or ours(file)

    return tuple(problem for problem in problems if concerns(problem))


def at_or_below(paths: Sequence[Path], root: Path) -> Callable[[str], bool]:
    """A test whether a file of the project is at or below one of `paths`. Raises UsageError."""
    wanted = [_within(path, root.resolve()) for path in paths]
    return lambda file: any(path in ("", file) or file.startswith(f"{path}/") for path in wanted)


def _within(path: Path, root: Path) -> str:
    if not path.exists():
        raise UsageError(f"{path} does not exist")
    if not path.resolve().is_relative_to(root):
        raise UsageError(f"{path} is outside the project {root}")
    relative = path.resolve().relative_to(root).as_posix()
    return "" if relative == "." else relative


def _drafts(
    reader: Callable[[str], Reading], files: Iterable[str], setting: Setting
) -> Iterator[tuple[Reading, list[Draft]]]:
    """The files that are manifests, without those that a manifest names or ships as code.

    Files higher up claim first, so that two that claim each other do not both disappear.
    """
    claims = Claims()
    read_files: deque[tuple[Reading, list[Draft]]] = deque()
    for file in sorted(files, key=lambda file: (file.count("/"), file)):
        if claims.covers(file):
            continue
        reading = reader(file)
        drafts = [draft(reading, body, setting.defaults) for body in reading.documents]
        for one in drafts:
            if one.value is not None:
                claims.add(one, setting.defaults)
        read_files.append((reading, drafts))
    while read_files:  # free each file's values once it has been taken
        pair = read_files.popleft()
        if not claims.covers(pair[0].source.file):
            yield pair


def _empty(reading: Reading) -> Iterator[Problem]:
    if not reading.problems and not reading.documents:
        yield Problem(
            code="empty-file",
            message="this file has no manifest",
            location=Location(reading.source.file),
            severity=Severity.WARNING,
            suggestion="write one, or remove the file",
        )


class _Resources:
    """Collects the documents of all files, by workspace."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._documents: dict[str, list[Document]] = {name: [] for name in setting.workspaces}
        self._unsupported = 0
        self._broken: set[tuple[str, str]] = set()

    def take(self, drafts: Iterable[Draft]) -> list[Problem]:
        """Add the documents of one file; return their problems."""
        problems: list[Problem] = []
        for one in drafts:
            if len(problems) > MAX_PROBLEMS:
                problems.append(_unread(one))
                break
            problems += [finding.at(one.marks) for finding in one.findings]
            self._unsupported += one.unsupported
            if one.value is not None:
                resource = Resource(one, self._setting)
                for workspace, document in resource.documents().items():
                    self._documents[workspace].append(document)
                problems += resource.problems
                self._broken |= {resource.named} if has_errors(resource.problems) else set()
        return problems

    def manifests(self, problems: Iterable[Problem]) -> Manifests:
        def order(document: Document) -> tuple[str, str]:
            return document.kind, document.name

        documents = self._documents.items()
        return Manifests(
            project=self._setting.project,
            by_workspace={name: tuple(sorted(found, key=order)) for name, found in documents},
            warnings=tuple(p for p in problems if p.severity is Severity.WARNING),
            unsupported=self._unsupported,
            broken=frozenset(self._broken),
            marks=self._setting.marks,
        )


def _unread(one: Draft) -> Problem:
    return Problem(
        code="too-many-problems",
        message=f"stopped after {MAX_PROBLEMS} problems in this file",
        location=one.marks.at(()),
        suggestion="fix the ones above and run it again",
    )


def _sorted(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """In the order of the files; a problem that two workspaces share is reported once."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: problem.order))
