"""All rules over all workspaces of a project."""

from __future__ import annotations

from collections.abc import Iterator

from gitrain.document import Document, Manifests
from gitrain.errors import Problem, Tally
from gitrain.manifest import Cluster, Environment, Job
from gitrain.rules.data import data_problems
from gitrain.rules.fields import refused_fields
from gitrain.rules.literal_secrets import secret_problems
from gitrain.rules.names import Names, name_problems
from gitrain.rules.references import job_references
from gitrain.rules.resources import cluster_problems, environment_problems
from gitrain.rules.text import no_expressions, text_problems
from gitrain.workspace_types import type_of


def check(manifests: Manifests) -> tuple[Problem, ...]:
    """Every problem of every workspace, each said once, sorted by place."""
    found: dict[Problem, None] = {}
    for workspace in manifests.by_workspace:
        found |= dict.fromkeys(_check_workspace(manifests, workspace))
    return tuple(sorted(found, key=lambda problem: problem.order))


def _check_workspace(manifests: Manifests, workspace: str) -> Iterator[Problem]:
    documents = manifests.documents(workspace)
    where = type_of(manifests.project.spec.workspaces[workspace])
    names = Names.of(documents, workspace, where, manifests.broken)
    yield from name_problems(documents, manifests.project.metadata.name)
    tally = Tally()
    for document in documents:
        if not tally.full(document.file):
            yield from tally.take(document.file, _check_document(document, names))


def _check_document(document: Document, names: Names) -> Iterator[Problem]:
    match document.resource:
        case Cluster() as cluster:
            yield from cluster_problems(document, cluster)
        case Environment() as environment:
            yield from environment_problems(document, environment.spec, ("spec",), names.type)
            yield from refused_fields(document, environment.spec, ("spec",), names)
        case Job() as job:
            yield from job_references(document, job, names)
            yield from refused_fields(document, job.spec, ("spec",), names)
            yield from data_problems(document, job, names)
            yield from text_problems(document, job)
    if not isinstance(document.resource, Job):
        yield from no_expressions(document)
    yield from secret_problems(document)
