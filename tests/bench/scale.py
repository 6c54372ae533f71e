"""100, 1,000 and 10,000 manifests, compared with check-jsonschema and Terraform."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.bench.measure import Command, Cost
from tests.bench.place import ROOT, Place, cell, gitrain, table

Costs = dict[str, dict[int, Cost]]

NO_CHANGES = "No changes."
VALIDATE, PLAN = "`gitrain validate`", "`gitrain plan`, no changes"
CHECK = "check-jsonschema"
TERRAFORM = {
    "specs": "`terraform plan`, no changes; each resource holds a job's spec",
    "words": "`terraform plan`, no changes; each resource holds one word",
}


def measure(place: Place, sizes: list[int], terraform_up_to: int) -> Costs:
    """The cost of each row at each size; Terraform, where it is installed, up to its own size."""
    costs: Costs = {}
    for size in sizes:
        place.say(f"{size:,} manifests: making the project")
        folder = place.folder / f"manifests-{size}"
        place.make("manifests", folder, f"{size}")
        commands = _ours(folder) | {CHECK: _check_jsonschema(folder)}
        if shutil.which("terraform") and size <= terraform_up_to:
            commands |= _terraform(place, folder)
        place.say(f"{size:,} manifests: measuring")
        for name, cost in place.costs(commands).items():
            costs.setdefault(name, {})[size] = cost
        shutil.rmtree(folder)
    return costs


def _ours(folder: Path) -> dict[str, Command]:
    validate = gitrain(folder, "validate", says="valid")
    plan = gitrain(folder, "plan", says=NO_CHANGES)
    return {
        f"{VALIDATE}, cold": validate,
        f"{VALIDATE}, warm": validate,
        f"{PLAN}, cold": plan,
        f"{PLAN}, warm": plan,
    }


def _check_jsonschema(folder: Path) -> Command:
    files = [str(file.relative_to(folder)) for file in sorted(folder.glob("jobs/sweep*/*.yaml"))]
    schema = str(ROOT / "schemas/v1/job.json")
    return Command(["check-jsonschema", "--schemafile", schema, *files], folder, "ok")


def _terraform(place: Place, folder: Path) -> dict[str, Command]:
    made = folder.with_name(f"{folder.name}-terraform")
    place.make("terraform", folder, made)
    words = ["terraform", "plan", "-no-color", "-input=false"]
    return {
        title: Command(words, made / content, NO_CHANGES) for content, title in TERRAFORM.items()
    }


def report(costs: Costs) -> str:
    sizes = sorted({size for row in costs.values() for size in row})
    head = ["CPU s (wall s, MB)", *(f"{size:,}" for size in sizes)]
    rows = [[name, *(cell(row.get(size)) for size in sizes)] for name, row in costs.items()]
    if growth := growths(costs):
        head.append(f"{sizes[-1]:,} ÷ {sizes[-2]:,}")
        rows = [[*row, f"{growth[row[0]]:.1f}" if row[0] in growth else "–"] for row in rows]
    return table(head, rows)


def growths(costs: Costs) -> dict[str, float]:
    """How many times a row costs more at 10,000 than at 1,000."""
    return {
        name: row[10_000].cpu / row[1_000].cpu
        for name, row in costs.items()
        if 1_000 in row and 10_000 in row
    }


def ratios(costs: Costs) -> str:
    """The peers' CPU seconds over ours, warm and cold, at a thousand manifests."""
    pairs = [(CHECK, VALIDATE), *((title, PLAN) for title in TERRAFORM.values())]
    rows = [
        [
            f"{peer} ÷ {ours}",
            *(
                f"{costs[peer][1_000].cpu / costs[f'{ours}, {how}'][1_000].cpu:.1f}"
                for how in ("cold", "warm")
            ),
        ]
        for peer, ours in pairs
        if 1_000 in costs.get(peer, {})
    ]
    return table(["times as many CPU s at 1,000", "cold", "warm"], rows) if rows else ""
