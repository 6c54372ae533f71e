"""Places of the runs that run at once. Each is a lock: free when its last holder is dead."""

from __future__ import annotations

from collections.abc import Callable

from gitrain.workspaces.folders.layout import Home
from gitrain.workspaces.folders.locks import Lock, locked, try_lock


def take_slot(home: Home, count: int, ahead: Callable[[int], int]) -> Lock | None:
    """A slot, or None while there is none, or those that are free belong to earlier runs.

    `ahead(limit)` counts the earlier runs that wait too; it may stop counting at `limit`.
    """
    with locked(home.slots / "turn"):
        free = [lock for n in range(count) if (lock := try_lock(home.slots / f"{n}")) is not None]
        mine = free.pop() if free and ahead(len(free)) < len(free) else None
        for lock in free:
            lock.close()
        return mine
