"""Where the benchmark works: a scratch folder, and commands in a clean environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.bench import repository
from tests.bench.measure import Command, Cost, typical
from tests.root import ROOT

BIN = Path(sys.executable).parent


class Place:
    """Makes projects, and measures commands in them.

    `rounds` is how often each command is measured; rows of a table take turns, so that a slow
    minute is everybody's.
    """

    def __init__(self, folder: Path, rounds: int) -> None:
        self.folder = folder
        self.rounds = rounds
        self.variables = {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "TMPDIR": str(folder / "tmp"),
            "LANG": "C.UTF-8",
            **repository.SETTINGS,
            # As pip leaves an installed package, regardless of this machine's settings: compiled.
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
            "TF_CLI_CONFIG_FILE": os.devnull,
            "CHECKPOINT_DISABLE": "1",
        }
        (folder / "tmp").mkdir()

    def make(self, module: str, *arguments: str | Path) -> None:
        """Run a module of the benchmark as a process of its own, to keep this one small."""
        words = [sys.executable, "-m", f"tests.bench.{module}", *map(str, arguments)]
        subprocess.run(words, cwd=ROOT, env=self.variables, check=True)

    def costs(self, commands: Mapping[str, Command], rounds: int = 0) -> dict[str, Cost]:
        """What each command costs typically. A name that ends with "cold" begins without caches."""
        found: dict[str, list[Cost]] = {name: [] for name in commands}
        for _ in range(rounds or self.rounds):
            for name, command in commands.items():
                if name.endswith("cold"):
                    shutil.rmtree(self.variables["XDG_CACHE_HOME"], ignore_errors=True)
                found[name].append(command.run(self.variables))
        return {name: typical(costs) for name, costs in found.items()}

    def say(self, text: str) -> None:
        sys.stderr.write(f"{text}\n")


def gitrain(folder: Path, *arguments: str, says: str = "") -> Command:
    return Command(["gitrain", *arguments], folder, says)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def cell(cost: Cost | None) -> str:
    """CPU seconds, and in brackets wall seconds and megabytes."""
    if cost is None:
        return "–"
    return f"**{cost.cpu:.2f}** ({cost.wall:.2f}, {cost.memory / 1e6:.0f})"
