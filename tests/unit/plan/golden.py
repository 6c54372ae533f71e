"""Plans as a user sees them, one for each scene: plans.txt, to be read as prose.

python -m tests.unit.plan.golden --write
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gitrain.plan.actions import Plan, Verb
from gitrain.report.text.plan import plan_text
from tests.golden import print_or_write
from tests.unit.plan.build import World
from tests.unit.plan.scenes import SCENES

FILE = Path(__file__).with_name("plans.txt")


def plans() -> str:
    """A paragraph for each scene: its name, and the plan; also the rows that a plan keeps still."""
    return "\n".join(f"# {name}\n\n{_told(make(World()))}" for name, make in SCENES.items())


def _told(made: Plan) -> str:
    return "".join([plan_text(made), *_kept(made), "\n"])


def _kept(made: Plan) -> Iterator[str]:
    for row in made.actions:
        if row.verb is Verb.KEEP or row.run_id:
            yield f"({row.verb} {row.key}: {row.reason}; {row.health}; {row.run_id or 'no run'})\n"


if __name__ == "__main__":
    print_or_write(plans(), FILE)
