"""After any sequence of edits, accidents and crashes the promises hold, in every world.

`make chaos` tries far more of them.
"""

from __future__ import annotations

import pytest

from tests.promises.chaos.running import run_chaos
from tests.promises.chaos.worlds import world


@pytest.mark.parametrize(
    ("name", "examples", "steps"),
    [("memory", 200, 30), ("local", 4, 15), ("azureml", 4, 15)],
)
def test_the_promises_hold_after_any_sequence(name: str, examples: int, steps: int) -> None:
    tally = run_chaos(world(name), examples=examples, steps=steps)

    assert tally["examples"] >= examples
    assert tally["runs"] > examples
