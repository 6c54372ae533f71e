"""All rules, applied to all workspaces of a project."""

from __future__ import annotations

from collections.abc import Iterator

from gitrain.document import Document, Manifests
from gitrain.errors import Problem, Tally
from gitrain.kinds import KINDS, found
from gitrain.rules.literal_secrets import secret_problems
from gitrain.rules.names import Names, name_problems
from gitrain.workspace_types import workspace_type


def check(manifests: Manifests) -> tuple[Problem, ...]:
    """Every problem of every workspace, each reported once, sorted by position."""
    problems: dict[Problem, None] = {}
    for workspace in manifests.by_workspace:
        problems |= dict.fromkeys(_check_workspace(manifests, workspace))
    return tuple(sorted(problems, key=lambda problem: problem.order))


def _check_workspace(manifests: Manifests, workspace: str) -> Iterator[Problem]:
    documents = manifests.documents(workspace)
    where = workspace_type(manifests.project.spec.workspaces[workspace])
    names = Names.of(documents, workspace, where, manifests.broken)
    yield from name_problems(documents, manifests.project.metadata.name)
    tally = Tally()
    for document in documents:
        if not tally.full(document.file):
            yield from tally.take(document.file, _check_document(document, names))


def _check_document(document: Document, names: Names) -> Iterator[Problem]:
    yield from found(KINDS[document.kind].rules)(document, names)
    yield from secret_problems(document)
