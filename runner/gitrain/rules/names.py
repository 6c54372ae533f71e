"""Names: unique in a workspace, and what a reference may mean."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from gitrain.document import Document
from gitrain.errors import Problem
from gitrain.graph import in_order, upstream_of
from gitrain.manifest import Cluster, Environment, Job
from gitrain.resolve import inline_name

_MOST_COMPARED = 50


class Names(msgspec.Struct, frozen=True):
    """The resources of one workspace by name; `kind` is the workspace's type.

    `stuck` are the jobs that wait for themselves, or for one that does, and which such each waits
    for.
    """

    workspace: str
    kind: str
    clusters: Mapping[str, Cluster]
    environments: Mapping[str, Environment]
    jobs: Mapping[str, Job]
    stuck: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, documents: Iterable[Document], workspace: str, kind: str) -> Names:
        documents = list(documents)
        resources = [document.resource for document in documents]
        ordered = {document.name for document in in_order(documents)}
        left = [r for r in resources if isinstance(r, Job) and r.metadata.name not in ordered]
        stuck = {job.metadata.name: upstream_of(job) for job in left}
        return cls(
            workspace,
            kind,
            {r.metadata.name: r for r in resources if isinstance(r, Cluster)},
            {r.metadata.name: r for r in resources if isinstance(r, Environment)},
            {r.metadata.name: r for r in resources if isinstance(r, Job)},
            {name: tuple(u for u in upstream if u in stuck) for name, upstream in stuck.items()},
        )


def near(name: str, names: Iterable[str]) -> str:
    """A suggestion when a known name is near; of very many names, one that begins alike."""
    known = list(names)
    if len(known) > _MOST_COMPARED:
        # Each comparison takes 10 µs, and a thousand jobs may refer to what is not there.
        known.sort()
        middle = bisect_left(known, name)
        known = known[max(0, middle - _MOST_COMPARED // 2) : middle + _MOST_COMPARED // 2]
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {found[0]}?" if found else ""


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
