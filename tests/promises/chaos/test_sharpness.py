"""The machine can fail: it finds bugs that are built into a copy of gitrain."""

from __future__ import annotations

import pytest

from tests.promises.chaos.bugs import BUGS
from tests.promises.chaos.sharpness import found


def test_every_bug_could_still_be_made() -> None:
    assert [bug.name for bug in BUGS if not bug.stands] == []


@pytest.mark.parametrize("name", ["one retry too many", "clusters are deleted without --prune"])
def test_a_bug_is_found(name: str) -> None:
    [bug] = [bug for bug in BUGS if bug.name == name]

    assert "Error" in found(bug, seconds=0)
