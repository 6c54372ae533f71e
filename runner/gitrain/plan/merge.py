"""The desired state that a merge would make: of three, resource by resource. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import msgspec

from gitrain.desired import Desired, DesiredCluster, DesiredEnvironment, DesiredJob
from gitrain.errors import Location, UsageError
from gitrain.graph import along
from gitrain.plan.reasons import enumerate_

One = TypeVar("One", bound=DesiredCluster | DesiredEnvironment | DesiredJob)


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """What is desired on two sides, and where they parted."""

    fork: Desired
    ours: Desired
    theirs: Desired

    @property
    def merged(self) -> Desired:
        """Each resource as the side that changed it has it; ours where both did.

        Raises UsageError when the jobs of both together would wait for each other in a circle.
        """
        fork, ours, theirs = self.fork, self.ours, self.theirs
        jobs = _chosen(fork.jobs, ours.jobs, theirs.jobs)
        others = {job.name: job for job in (*theirs.jobs, *ours.jobs)}
        return msgspec.structs.replace(
            ours,
            clusters=tuple(_chosen(fork.clusters, ours.clusters, theirs.clusters)),
            environments=tuple(_chosen(fork.environments, ours.environments, theirs.environments)),
            jobs=tuple(_along_the_graph(jobs, others)),
            policy=theirs.policy if ours.policy == fork.policy else ours.policy,
        )

    @property
    def moved(self) -> tuple[str, ...]:
        """The keys of what changed on their side alone."""
        return tuple(sorted(_changed(self.fork, self.theirs) - _changed(self.fork, self.ours)))

    @property
    def both(self) -> tuple[str, ...]:
        """The keys of what changed on both sides, and not alike."""
        everywhere = _changed(self.fork, self.theirs) & _changed(self.fork, self.ours)
        return tuple(sorted(everywhere & _changed(self.ours, self.theirs)))


def either(one: Desired, other: Desired) -> Desired:
    """Everything that either names: what an observation for both has to ask for."""
    known = {(job.name, job.digest, job.spec.gates) for job in one.jobs}
    more = (job for job in other.jobs if (job.name, job.digest, job.spec.gates) not in known)
    return msgspec.structs.replace(
        one,
        clusters=tuple({c.name: c for c in (*other.clusters, *one.clusters)}.values()),
        environments=(*one.environments, *other.environments),
        jobs=(*one.jobs, *more),
    )


def _chosen(fork: Iterable[One], ours: Iterable[One], theirs: Iterable[One]) -> Iterator[One]:
    """A merge in three ways: ours where we changed it, else theirs."""
    before = _by_identity(fork)
    mine = _by_identity(ours)
    other = _by_identity(theirs)
    for identity in dict.fromkeys([*mine, *other]):
        unchanged = _alike(before.get(identity), mine.get(identity))
        found = (other if unchanged else mine).get(identity)
        if found is not None:
            yield found


def _along_the_graph(
    jobs: Iterable[DesiredJob], others: Mapping[str, DesiredJob]
) -> Iterator[DesiredJob]:
    """Each job after its upstream; what one side removed and the other needs comes along."""
    chosen: dict[str, DesiredJob] = {}
    found = list(jobs)
    while found:
        chosen |= {job.name: job for job in found}
        lacking = {name for job in found for name in job.upstream} - chosen.keys()
        found = [others[name] for name in sorted(lacking)]
    order = along({name: job.upstream for name, job in chosen.items()})
    if circle := chosen.keys() - set(order):
        raise UsageError(
            "merge the base into this branch first: with both sides' changes these jobs wait for "
            f"each other: {enumerate_(sorted(circle))}"
        )
    return (chosen[name] for name in order)


def _changed(before: Desired, after: Desired) -> set[str]:
    """The keys of what is new, gone or different."""
    one, other = _by_key(before), _by_key(after)
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


def _by_key(desired: Desired) -> dict[str, list[object]]:
    """Each resource by `Kind/name`, wherever it is written down; an environment with all its
    versions."""
    found: dict[str, list[object]] = {}
    for cluster in desired.clusters:
        found.setdefault(f"Cluster/{cluster.name}", []).append(_placeless(cluster))
    for environment in desired.environments:
        found.setdefault(f"Environment/{environment.name}", []).append(_placeless(environment))
    for job in desired.jobs:
        found.setdefault(f"Job/{job.name}", []).append(_placeless(job))
    return found


def _by_identity(side: Iterable[One]) -> dict[tuple[str, str], One]:
    return {(one.name, getattr(one, "version", "")): one for one in side}


def _alike(one: One | None, other: One | None) -> bool:
    if one is None or other is None:
        return one is other
    return _placeless(one) == _placeless(other)


def _placeless(one: One) -> One:
    return msgspec.structs.replace(one, location=Location(""))
