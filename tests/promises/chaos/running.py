"""The machine at work: so many examples, from a seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from hypothesis import HealthCheck, seed, settings
from hypothesis import Phase as Stage
from hypothesis.stateful import run_state_machine_as_test

from tests.promises.chaos.machine import Chaos
from tests.promises.chaos.world import World


def run_chaos(
    world: Callable[[], World],
    examples: int,
    steps: int,
    *,
    tally: Counter[str] | None = None,
    number: int | None = None,
    shrink: bool = True,
) -> Counter[str]:
    """Run so many examples; raises what was broken. `number` is the seed; without one it is always
    the same."""

    class Here(Chaos):
        open_world = staticmethod(world)

    Here.tally = Counter() if tally is None else tally
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=number is None,
        database=None,
        phases=[Stage.generate, Stage.shrink] if shrink else [Stage.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    machine = Here if number is None else seed(number)(Here)
    run_state_machine_as_test(machine, settings=chosen)
    return Here.tally
