"""The graph of jobs: which job takes whose outputs, and in what order they can run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from gitrain.desired import Upstream
from gitrain.document import Document
from gitrain.expressions import whole
from gitrain.manifest import Data, Job


def upstream_of(job: Job) -> tuple[str, ...]:
    """The jobs whose outputs this one takes, and those that it depends on; sorted and unique."""
    taken = {edge.job for edge in map(as_upstream, job.spec.inputs.values()) if edge}
    return tuple(sorted(taken | set(job.spec.depends_on)))


def as_upstream(value: object) -> Upstream | None:
    """The edge that an input represents, if it is another job's output."""
    expression = whole(value.path if isinstance(value, Data) else value)
    if expression is None or expression.scope != "jobs":
        return None
    return Upstream(job=expression.name, output=expression.output)


def in_order(documents: Iterable[Document]) -> list[Document]:
    """The jobs, each after its upstream, otherwise by name. Jobs on a cycle are left out."""
    jobs = {d.name: d for d in documents if isinstance(d.resource, Job)}
    needs = {name: upstream_of(cast(Job, d.resource)) for name, d in jobs.items()}
    return [jobs[name] for name in along(needs)]


def along(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """The names in the map, each after those that it needs, otherwise sorted. Names on a cycle, and
    those that need them, are left out."""
    order: list[str] = []
    followers: dict[str, list[str]] = {}
    missing = {name: sum(u in needs for u in upstream) for name, upstream in needs.items()}
    for name, upstream in needs.items():
        for before in upstream:
            followers.setdefault(before, []).append(name)
    ready = sorted((name for name, count in missing.items() if not count), reverse=True)
    while ready:
        name = ready.pop()
        order.append(name)
        for follower in sorted(followers.get(name, ()), reverse=True):
            missing[follower] -= 1
            if not missing[follower]:
                ready.append(follower)
    return order
