"""Names: unique in a workspace, and what a reference may mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from gitrain.document import Document
from gitrain.errors import Problem
from gitrain.graph import in_order, upstream_of
from gitrain.manifest import Cluster, Environment, Job
from gitrain.near import near as nearest
from gitrain.resolve import inline_name
from gitrain.workspace_types import WorkspaceType


class Names(msgspec.Struct, frozen=True):
    """The resources of one workspace by name, and the workspace's type.

    `upstream` has for each job those it waits for; `stuck` are the jobs that wait for themselves,
    or for one that does. `broken` are the kinds and names of what is there, but could not be read.
    """

    workspace: str
    type: WorkspaceType
    clusters: Mapping[str, Cluster]
    environments: Mapping[str, Environment]
    jobs: Mapping[str, Job]
    upstream: Mapping[str, tuple[str, ...]]
    stuck: frozenset[str]
    broken: frozenset[tuple[str, str]]

    @classmethod
    def of(
        cls,
        documents: Iterable[Document],
        workspace: str,
        type_: WorkspaceType,
        broken: frozenset[tuple[str, str]],
    ) -> Names:
        documents = list(documents)
        resources = [document.resource for document in documents]
        ordered = {document.name for document in in_order(documents)}
        jobs = {r.metadata.name: r for r in resources if isinstance(r, Job)}
        return cls(
            workspace,
            type_,
            {r.metadata.name: r for r in resources if isinstance(r, Cluster)},
            {r.metadata.name: r for r in resources if isinstance(r, Environment)},
            jobs,
            {name: upstream_of(job) for name, job in jobs.items()},
            frozenset(jobs) - ordered,
            broken,
        )


def near(name: str, names: Iterable[str]) -> str:
    """A suggestion when a known name is near."""
    found = nearest(name, names)
    return f"did you mean {found}?" if found else ""


def name_problems(documents: Iterable[Document], project: str) -> Iterator[Problem]:
    """Two resources of one kind and name, also where only the case differs: Azure and some file
    systems take those for one."""
    first: dict[tuple[str, str], Document] = {}
    for document in documents:
        key = (document.kind, document.name.casefold())
        other = first.setdefault(key, document)
        if other is not document:
            yield document.marks.problem(
                ("metadata", "name"),
                "duplicate-name",
                f"{document.kind} {document.name} is also defined at {other.location}"
                + ("" if other.name == document.name else f", as {other.name}"),
                suggestion="give one of them another name, or other workspaces",
            )
        if document.kind == "Environment" and document.name == inline_name(project):
            yield document.marks.problem(
                ("metadata", "name"),
                "reserved-name",
                f"{document.name} is the name of this project's inline environments",
                suggestion="choose another name",
            )
