"""What the plan asks of a kind: each answers with its own class, which its row in KINDS names."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar, cast

from gitrain.desired import Desired, DesiredResource
from gitrain.kinds import KINDS, found
from gitrain.observed import Observed
from gitrain.plan.actions import Action, Unmanaged
from gitrain.plan.options import Options
from gitrain.workspace import Query

One = TypeVar("One", bound=DesiredResource)


class InPlan(ABC, Generic[One]):
    """One kind in the plan: pure, like all of it. The defaults are what most kinds need.

    `by_hand` says whether `gitrain run` also makes resources of this kind that its job needs.
    """

    by_hand = False

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def among(self, desired: Desired) -> tuple[One, ...]:
        """The desired resources of this kind."""
        return cast(tuple[One, ...], desired.of(self.kind))

    # What exists ---------------------------------------------------------------------------------

    def ask(self, desired: Desired, query: Query) -> Query:
        """The query, with what this kind needs to know: its resources, by name."""
        return query.about(self.kind, sorted({one.name for one in self.among(desired)}))

    def question(self, one: One) -> Hashable:
        """Resources with the same value here need to be asked for only once."""
        return one.address

    @abstractmethod
    def completed(self, desired: Desired, observed: Observed) -> Observed:
        """What would be observed if all desired resources of this kind existed, runs completed."""

    # What is to be done --------------------------------------------------------------------------

    @abstractmethod
    def rows(
        self, desired: Desired, observed: Observed, options: Options, earlier: Sequence[Action]
    ) -> list[Action]:
        """A row for each desired resource, in the order in which they are carried out.

        `earlier` are the rows of the kinds that come before this one in the plan.
        """

    def deletes(self, desired: Desired, observed: Observed) -> Iterator[Action]:
        """What `--prune` removes once everything else is done."""
        del desired, observed
        yield from ()

    def unmanaged(self, desired: Desired, observed: Observed) -> Iterator[Unmanaged]:
        """What the project owns and no manifest names, for a plan that does not prune."""
        del desired, observed
        yield from ()

    def owned(self, desired: Desired, observed: Observed) -> int:
        """How many resources of this kind the project owns, of those that can be destroyed."""
        del desired, observed
        return 0

    def notes(self, desired: Desired, observed: Observed) -> Iterator[str]:
        """What a reader of the plan should know but no row says."""
        del desired, observed
        yield from ()

    # How it relates to others ---------------------------------------------------------------------

    def takes_along(self, one: One) -> Iterator[str]:
        """The keys (`Kind/name`) of what a selected resource directly needs."""
        del one
        yield from ()

    def merged(self, chosen: Iterable[One], others: Iterable[One]) -> Iterable[One]:
        """The resources of a three-way merge, in order; `others` are those of both sides.

        Raises UsageError when they cannot be combined.
        """
        del others
        return chosen


def in_plan(kind: str) -> InPlan[DesiredResource]:
    """How the plan treats this kind."""
    return cast(InPlan[DesiredResource], found(KINDS[kind].plan)(kind))


def kinds_in_plan() -> tuple[InPlan[DesiredResource], ...]:
    """Every kind, in the order of the plan."""
    return tuple(map(in_plan, KINDS))
