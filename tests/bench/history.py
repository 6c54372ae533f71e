"""What a plan without changes costs after a long history, compared with a short one.

    python -m tests.bench.history FOLDER RUNS

On local a project of a hundred jobs whose ledger has so many runs. What it costs on Azure ML is
counted in requests and bytes, which a test of the adapter holds.
"""

from __future__ import annotations

import shutil
import sys
from contextlib import closing
from pathlib import Path

import msgspec

from gitrain.identity import flat
from gitrain.observed import Phase
from gitrain.workspaces.folders.layout import Home
from gitrain.workspaces.folders.states import Record, Submitted
from gitrain.workspaces.local.ledger import tables
from gitrain.workspaces.local.ledger.runs import Ledger
from tests.bench.measure import Cost
from tests.bench.place import Place, cell, gitrain, table

JOBS = 100
PLAN = "`gitrain plan`, no changes"
Costs = dict[int, Cost]


def measure(place: Place, sizes: list[int]) -> Costs:
    """The cost of a plan after so many runs."""
    commands = {}
    for runs in sizes:
        place.say(f"a history of {runs:,} runs")
        folder = place.folder / f"history-{runs}"
        place.make("manifests", folder, f"{JOBS}")
        place.make("history", folder, f"{runs}")
        commands[f"{runs}"] = gitrain(folder, "plan", says="No changes.")
    for command in commands.values():
        command.run(place.variables)  # fills the caches
    found = place.costs(commands)
    for runs in sizes:
        shutil.rmtree(place.folder / f"history-{runs}")
    return {runs: found[f"{runs}"] for runs in sizes}


def report(costs: Costs) -> str:
    head = [f"{JOBS} jobs; CPU s (wall s, MB)", *(f"{runs:,} runs of history" for runs in costs)]
    return table(head, [[PLAN, *map(cell, costs.values())]])


def ratio(costs: Costs) -> float:
    """How many times as much the longest history costs as the shortest, in CPU seconds."""
    return costs[max(costs)].cpu / costs[min(costs)].cpu


def lengthen(root: Path, runs: int) -> None:
    """Give the jobs of a project earlier runs, until there are so many."""
    ledger = Ledger(Home((root / ".gitrain").resolve()))
    with closing(tables.open_for_writing(ledger.home.ledger)) as connection:
        first = tables.entries(connection, "bench")
        connection.execute("BEGIN IMMEDIATE")
        for number in range(runs - len(first)):
            submitted = first[number % len(first)].submitted
            identity = msgspec.structs.replace(submitted.identity, digest=f"{number:012x}")
            stored = _stored(msgspec.structs.replace(submitted, identity=identity))
            at = f"2025-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}T00:00:00Z"
            record = Record(phase=Phase.COMPLETED, submitted_at=at, ended_at=at, exit_code=0)
            tables.insert(connection, identity, stored, record)
        connection.execute("COMMIT")


def _stored(submitted: Submitted) -> bytes:
    return msgspec.json.encode({"run_id": submitted.identity.run_id, **flat(submitted)})


if __name__ == "__main__":
    lengthen(Path(sys.argv[1]), int(sys.argv[2]))
