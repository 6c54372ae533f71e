"""What each command costs where there is nearly nothing to do: a project with one job."""

from __future__ import annotations

import shutil
import sys

from tests.bench.measure import Command, Cost
from tests.bench.place import Place, gitrain, table

COMMANDS = (
    "--help",
    "plan --help",
    "validate jobs/sweep000/train00000.yaml",
    "plan",
    "plan --offline --base HEAD",
    "reconcile --dry-run",
    "status",
    "logs train-00000",
    "metrics train-00000",
    "show Job train-00000",
    "explain job.spec.limits.timeout",
    "schema job",
    "doctor",
)


def measure(place: Place) -> dict[str, Cost]:
    folder = place.folder / "one"
    place.make("manifests", folder, "1")
    commands = {f"gitrain {words}": gitrain(folder, *words.split()) for words in COMMANDS}
    commands["python -c pass"] = Command([sys.executable, "-c", "pass"], folder)
    commands["git status"] = Command(["git", "status"], folder)
    commands["check-jsonschema --version"] = Command(["check-jsonschema", "--version"], folder)
    if shutil.which("terraform"):
        commands["terraform version"] = Command(["terraform", "version"], folder)
    place.costs(commands, 1)  # compiles, and is not counted
    return place.costs(commands, 2 * place.rounds + 1)


def report(costs: dict[str, Cost]) -> str:
    rows = [
        [f"`{name}`", f"{cost.cpu:.3f}", f"{cost.wall:.3f}", f"{cost.memory / 1e6:.0f}"]
        for name, cost in costs.items()
    ]
    return table(["start, with one job", "CPU s", "wall s", "MB"], rows)
