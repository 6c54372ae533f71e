"""Fields that a type of workspace refuses."""

from __future__ import annotations

from collections.abc import Iterator

from gitrain.document import Document, Path
from gitrain.errors import Problem
from gitrain.manifest import EnvironmentSpec, JobSpec
from gitrain.rules.names import Names


def refused_fields(
    document: Document, spec: JobSpec | EnvironmentSpec, path: Path, names: Names
) -> Iterator[Problem]:
    """Every field of `spec`, which is at `path`, that cannot be used in this workspace."""
    for field, why in names.type.refused(spec):
        yield document.marks.problem(
            (*path, *field.split(".")),
            "refused-field",
            f"{field} cannot be used in workspace {names.workspace} of type {names.type.name}: "
            f"{why}",
            suggestion="remove it, or list other workspaces in metadata.workspaces",
        )
