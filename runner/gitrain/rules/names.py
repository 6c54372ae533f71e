"""Names: unique in a workspace, and what a reference may refer to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

import msgspec

from gitrain.document import Document
from gitrain.errors import Problem
from gitrain.graph import in_order, upstream_of
from gitrain.kinds import KINDS
from gitrain.manifest import Cluster, Environment, Job, Resource
from gitrain.near import near as nearest
from gitrain.resolve import inline_name
from gitrain.workspace_types import WorkspaceType


class Names(msgspec.Struct, frozen=True):
    """The resources of one workspace by kind and name, and the workspace's type.

    `upstream` has, for each job, the jobs it waits for; `stuck` are the jobs that wait for
    themselves, or for one that does. `broken` are the kinds and names of manifests that could not
    be read.
    """

    workspace: str
    type: WorkspaceType
    resources: Mapping[str, Mapping[str, Resource]]
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
        resources: dict[str, dict[str, Resource]] = {kind: {} for kind in KINDS}
        for document in documents:
            resources[document.kind][document.name] = document.resource
        ordered = {document.name for document in in_order(documents)}
        jobs = cast(Mapping[str, Job], resources["Job"])
        upstream = {name: upstream_of(job) for name, job in jobs.items()}
        return cls(workspace, type_, resources, upstream, frozenset(jobs) - ordered, broken)

    @property
    def clusters(self) -> Mapping[str, Cluster]:
        return cast(Mapping[str, Cluster], self.resources["Cluster"])

    @property
    def environments(self) -> Mapping[str, Environment]:
        return cast(Mapping[str, Environment], self.resources["Environment"])

    @property
    def jobs(self) -> Mapping[str, Job]:
        return cast(Mapping[str, Job], self.resources["Job"])


def near(name: str, names: Iterable[str]) -> str:
    """A suggestion when a known name is close."""
    found = nearest(name, names)
    return f"did you mean {found}?" if found else ""


def name_problems(documents: Iterable[Document], project: str) -> Iterator[Problem]:
    """Resources of the same kind and name, also when only the case differs: Azure and some file
    systems do not distinguish case."""
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
                suggestion="rename one of them, or give them different workspaces",
            )
        if document.kind == "Environment" and document.name == inline_name(project):
            yield document.marks.problem(
                ("metadata", "name"),
                "reserved-name",
                f"{document.name} is reserved for this project's inline environments",
                suggestion="choose another name",
            )
