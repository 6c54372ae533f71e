"""What the machine needs of a place where runs happen. Three worlds offer it; none knows a rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from gitrain.observed import Phase, Run
from gitrain.workspace import Workspace
from tests.promises.chaos.calls import Work


class World(Protocol):
    """A workspace, and a hand on what happens in it.

    `clusters`: whether clusters and environments are resources here. `preempts`: whether a run can
    lose its machine in a way that gitrain must repair. `calls`: about how many calls into the
    outside a reconcile makes, of which one may be its last. `accuracy`: what runs logged before
    their end.
    """

    kind: str
    clusters: bool
    preempts: bool
    calls: int
    accuracy: dict[str, float]

    # gitrain's side

    def client(self) -> Workspace:
        """The adapter, opened anew."""

    def command(self, word: str) -> str:
        """A command whose run continues until it is told to end."""

    # What is there, as the world itself has it

    def runs(self) -> Mapping[str, Run]:
        """Every run of everybody, by id."""

    def takes(self, run_id: str) -> tuple[str, ...]:
        """The ids of the runs whose outputs this one was given."""

    def resources(self) -> Mapping[str, tuple[Any, ...]]:
        """`cluster/NAME` (project, most nodes, tier) and `environment/NAME/VERSION` (nothing)."""

    def duplicates(self) -> list[str]:
        """Runs that were started more often than they lost their machine."""

    def orphans(self) -> list[str]:
        """What is there and nobody knows whose it is. At rest there is none."""

    # What happens there

    def end(self, run_id: str, phase: Phase, accuracy: float) -> None:
        """Let a live run log its accuracy, and come to its end."""

    def lose(self, run_id: str) -> None:
        """Take a live run's machine away."""

    def stop(self, run_id: str) -> None:
        """A person cancels a live run."""

    def slow(self, on: bool) -> None:
        """From now on cancels take their time; or not any more."""

    def calm(self) -> None:
        """Let every cancel that was sent come through."""

    def scale(self, cluster: str, most: int) -> None:
        """Somebody else changes a cluster."""

    def delete(self, cluster: str) -> None:
        """Somebody else deletes a cluster."""

    def die(self, work: Work, at: int, *, after: bool) -> None:
        """Work as a process that dies at its nth call into the outside, before or after it."""

    def disturb(self, work: Work, at: int, *, after: bool) -> None:
        """Work while the nth call into the outside fails, before or after its effect."""

    def close(self) -> None:
        """Leave nothing behind."""
