"""The rules for each kind; `gitrain.kinds` names them."""

from __future__ import annotations

from collections.abc import Iterator

from gitrain.document import Document
from gitrain.errors import Problem
from gitrain.manifest import Cluster, Environment, Job
from gitrain.rules.data import data_problems
from gitrain.rules.fields import refused_fields
from gitrain.rules.names import Names
from gitrain.rules.references import job_references
from gitrain.rules.resources import cluster_problems, environment_problems
from gitrain.rules.text import no_expressions, text_problems


def any_kind(document: Document, names: Names) -> Iterator[Problem]:
    """The rules for a kind without rules of its own."""
    del names
    yield from no_expressions(document)


def clusters(document: Document, names: Names) -> Iterator[Problem]:
    """The rules for one cluster."""
    assert isinstance(document.resource, Cluster)
    yield from cluster_problems(document, document.resource)
    yield from any_kind(document, names)


def environments(document: Document, names: Names) -> Iterator[Problem]:
    """The rules for one named environment."""
    assert isinstance(document.resource, Environment)
    yield from environment_problems(document, document.resource.spec, ("spec",), names.type)
    yield from refused_fields(document, document.resource.spec, ("spec",), names)
    yield from any_kind(document, names)


def jobs(document: Document, names: Names) -> Iterator[Problem]:
    """The rules for one job, by itself and among the resources of its workspace."""
    job = document.resource
    assert isinstance(job, Job)
    yield from job_references(document, job, names)
    yield from refused_fields(document, job.spec, ("spec",), names)
    yield from data_problems(document, job, names)
    yield from text_problems(document, job)
