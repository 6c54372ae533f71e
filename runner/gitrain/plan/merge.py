"""The desired state after a merge: a three-way merge, resource by resource. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from gitrain.desired import Desired, DesiredResource
from gitrain.errors import Location
from gitrain.plan.kind import kinds_in_plan


class Sides(msgspec.Struct, frozen=True, kw_only=True):
    """What is desired on two sides, and where they forked."""

    fork: Desired
    ours: Desired
    theirs: Desired

    @property
    def merged(self) -> Desired:
        """Each resource as the side that changed it has it; ours where both did. The policy is
        theirs: no branch judges itself.

        Raises UsageError when the changes of both sides cannot be combined.
        """
        fork, ours, theirs = self.fork, self.ours, self.theirs
        both = {}
        for kind in kinds_in_plan():
            sides = [kind.among(side) for side in (fork, ours, theirs)]
            both[kind.kind] = tuple(kind.merged(_chosen(*sides), (*sides[2], *sides[1])))
        return msgspec.structs.replace(ours, resources=both, policy=theirs.policy)

    @property
    def moved(self) -> tuple[str, ...]:
        """The keys of what changed only on their side."""
        return tuple(sorted(_changed(self.fork, self.theirs) - _changed(self.fork, self.ours)))

    @property
    def both(self) -> tuple[str, ...]:
        """The keys of what changed on both sides, in different ways."""
        everywhere = _changed(self.fork, self.theirs) & _changed(self.fork, self.ours)
        return tuple(sorted(everywhere & _changed(self.ours, self.theirs)))


def either(one: Desired, other: Desired) -> Desired:
    """Everything that either side names: what an observation for both has to ask about."""
    for kind in kinds_in_plan():
        mine = kind.among(one)
        known = set(map(kind.question, mine))
        more = (each for each in kind.among(other) if kind.question(each) not in known)
        one = one.having(kind.kind, (*mine, *more))
    return one


def _chosen(
    fork: Iterable[DesiredResource],
    ours: Iterable[DesiredResource],
    theirs: Iterable[DesiredResource],
) -> Iterator[DesiredResource]:
    """A three-way merge: ours where we changed it, else theirs."""
    before = _by_identity(fork)
    mine = _by_identity(ours)
    other = _by_identity(theirs)
    for address in dict.fromkeys([*mine, *other]):
        unchanged = _alike(before.get(address), mine.get(address))
        found = (other if unchanged else mine).get(address)
        if found is not None:
            yield found


def _changed(before: Desired, after: Desired) -> set[str]:
    """The keys of what is new, gone or different."""
    one, other = _by_key(before), _by_key(after)
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


def _by_key(desired: Desired) -> dict[str, list[object]]:
    """Each resource by `Kind/name`, without its place in the files; an environment with all its
    versions."""
    found: dict[str, list[object]] = {}
    for one in desired.all:
        found.setdefault(one.key, []).append(_placeless(one))
    return found


def _by_identity(side: Iterable[DesiredResource]) -> dict[str, DesiredResource]:
    return {one.address: one for one in side}


def _alike(one: DesiredResource | None, other: DesiredResource | None) -> bool:
    if one is None or other is None:
        return one is other
    return _placeless(one) == _placeless(other)


def _placeless(one: DesiredResource) -> DesiredResource:
    return msgspec.structs.replace(one, location=Location(""))
