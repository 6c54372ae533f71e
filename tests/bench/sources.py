"""`gitrain plan` with a source tree of many files, compared with `git status` of the same tree."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.bench import tree
from tests.bench.measure import Command, Cost
from tests.bench.place import Place, cell, gitrain, table
from tests.bench.repository import git

PLAN, STATUS = "`gitrain plan`", "`git status`"
Costs = dict[str, dict[str, Cost]]


def _as_committed(folder: Path, files: int) -> None:
    """What the project's own process has left."""


def _edited(folder: Path, files: int) -> None:
    tree.edit(folder, files)


def _touched(folder: Path, files: int) -> None:
    git(folder, "reset", "-q", "--hard")
    git(folder, "clean", "-fdq")
    tree.touch(folder, files)


def _untracked(folder: Path, files: int) -> None:
    git(folder, "rm", "-rq", "--cached", "training")


def _without_git(folder: Path, files: int) -> None:
    shutil.rmtree(folder / ".git")


# Each makes the next state out of the one before; the plan says so.
STATES: dict[str, tuple[Callable[[Path, int], None], str]] = {
    "nothing changed": (_as_committed, "No changes."),
    "20 files edited, 20 new": (_edited, "code changed"),
    "every file has a new time": (_touched, "No changes."),
    "no file is tracked": (_untracked, "No changes."),
    "no Git": (_without_git, "No changes."),
}


def measure(place: Place, files: int) -> Costs:
    """The cost of both commands in each state of the tree."""
    place.say(f"a source tree of {files:,} files")
    folder = place.folder / "tree"
    place.make("tree", folder, f"{files}")
    costs = {}
    for state, (change, says) in STATES.items():
        change(folder, files)
        commands = {PLAN: gitrain(folder, "plan", says=says)}
        if (folder / ".git").exists():
            words = ["git", "--no-optional-locks", "status", "--porcelain"]
            commands[STATUS] = Command(words, folder)
        costs[state] = place.costs(commands)
    shutil.rmtree(folder)
    return costs


def report(costs: Costs, files: int) -> str:
    rows = [
        [state, *(cell(row.get(command)) for command in (PLAN, STATUS))]
        for state, row in costs.items()
    ]
    return table([f"{files:,} files; CPU s (wall s, MB)", PLAN, STATUS], rows)
