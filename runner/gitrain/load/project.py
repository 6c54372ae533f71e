"""gitrain.yaml → the project, and what its documents need from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from gitrain.document import Marks
from gitrain.errors import Location, Problem
from gitrain.kinds import KINDS
from gitrain.load import envelope
from gitrain.load.boundary import outside
from gitrain.load.discover import PROJECT_FILE
from gitrain.load.reading import Reading, read
from gitrain.load.written import written
from gitrain.manifest import Project
from gitrain.schema.check import check, line_breaks
from gitrain.schema.finding import Finding, did_you_mean, listed
from gitrain.workspace_types import project_type, workspace_type
from gitrain.yaml.documents import Parse
from gitrain.yaml.parse import parse
from gitrain.yaml.places import Source


class Setting(msgspec.Struct, frozen=True):
    """What reading every document of a project requires.

    `changes` are merged into specs last, by `Kind/name`: the values of `run --set`.
    """

    project: Project
    marks: Marks
    source: Source
    defaults: Mapping[str, Any]
    mentions_vars: bool
    broken: bool
    changes: Mapping[str, Mapping[str, Any]] = {}

    @property
    def workspaces(self) -> tuple[str, ...]:
        return tuple(self.project.spec.workspaces)

    def existing(self, kind: str) -> tuple[str, ...]:
        """The workspaces in which a resource exists if it names none."""
        if KINDS[kind].on_local or len(self.workspaces) == 1:
            return self.workspaces
        workspaces = self.project.spec.workspaces.items()
        return tuple(name for name, spec in workspaces if workspace_type(spec).every_job)


def read_project(root: Path, parser: Parse = parse) -> tuple[Setting | None, tuple[Problem, ...]]:
    """Read the project file of the folder `root`. Never raises for its content.

    With a setting, the problems are only warnings.
    """
    if why := outside(root, PROJECT_FILE):
        return None, (_a_link(why),)
    reading = read(root, PROJECT_FILE, parser)
    if reading.problems:
        return None, reading.problems
    if len(reading.documents) != 1:
        return None, (_not_one(reading),)
    body = reading.documents[0]
    marks = reading.marks(body)
    findings = list(envelope.check(body.value, ("Project",)))
    project: Project | None = None
    if not findings:
        project, found = check(body.value, project_type())
        findings += found
        findings += line_breaks(body.value) if body.broken else ()
    if project is not None:
        findings += _consistent(project)
    problems = tuple(finding.at(marks) for finding in findings)
    if problems or project is None:
        return None, problems
    warnings = tuple(finding.at(marks) for finding in written(body, reading.source.lines))
    return _setting(project, marks, reading), warnings


def _setting(project: Project, marks: Marks, reading: Reading) -> Setting:
    return Setting(
        project=project,
        marks=marks,
        source=reading.source,
        defaults=project.spec.defaults,
        mentions_vars=reading.mentions_vars,
        broken=reading.documents[0].broken,
    )


def _a_link(why: str) -> Problem:
    return Problem(
        code="outside-project",
        message=f"{PROJECT_FILE} is a link, and where it leads {why}",
        location=Location(PROJECT_FILE),
        suggestion="replace it by a file",
    )


def _not_one(reading: Reading) -> Problem:
    count = len(reading.documents)
    line, column = (reading.documents[1].line, reading.documents[1].column) if count else (1, 1)
    return Problem(
        code="too-many-documents" if count else "empty-file",
        message=f"{PROJECT_FILE} must contain one document, but contains {count or 'none'}",
        location=Location(reading.source.file, line, column),
        suggestion="move manifests to other files" if count else "`gitrain init` creates one",
    )


def _consistent(project: Project) -> Iterator[Finding]:
    """Problems that the schema of a single field cannot describe."""
    spec = project.spec
    if not spec.workspaces:
        path = ("spec", "workspaces")
        yield Finding(
            path, "empty-value", "a project needs a workspace", "write `local: {type: local}`"
        )
    elif spec.default_workspace and spec.default_workspace not in spec.workspaces:
        message = f"`{spec.default_workspace}` is not a workspace of this project"
        known = f"write {listed(spec.workspaces)}"
        hint = did_you_mean(spec.default_workspace, spec.workspaces) or known
        yield Finding(("spec", "default_workspace"), "unknown-workspace", message, hint)
