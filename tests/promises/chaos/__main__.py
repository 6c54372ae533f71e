"""`make chaos`: everything that can go wrong, at random, in three worlds; and what came of it.

Each world is tried for CHAOS_SECONDS, all at once. A seed makes the same examples again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
import traceback
from collections import Counter
from typing import Any

from tests.promises.chaos.look import DuplicateError, OrphanError, PhantomError
from tests.promises.chaos.running import run_chaos
from tests.promises.chaos.worlds import NAMES, world

# How many examples have one seed, and how many steps an example has.
BATCHES = {"memory": (200, 30), "local": (4, 20), "azureml": (6, 20)}
COLUMNS = {
    "examples": "examples",
    "steps": "steps",
    "faults": "faults injected",
    "runs": "runs submitted",
    "duplicates": "duplicates",
    "orphans": "orphans",
    "phantoms": "phantom differences",
    "others": "other broken promises",
}
WRONG = ("duplicates", "orphans", "phantoms", "others")


def say(*words: Any) -> None:
    print(*words, flush=True)  # noqa: T201


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--world", choices=NAMES, help="only this one")
    words.add_argument("--seed", type=int, help="of the first examples")
    seconds = float(os.environ.get("CHAOS_SECONDS", "240"))
    words.add_argument("--seconds", type=float, default=seconds, help="0: one seed, no more")
    words.add_argument("--first", action="store_true", help="what is found is not made smaller")
    given = words.parse_args()
    number = random.randrange(10**9) if given.seed is None else given.seed
    if given.world is None:
        tallies = _all_worlds(number, given.seconds)
        _print(tallies, number)
    else:
        tallies = {given.world: one_world(given.world, number, given.seconds, first=given.first)}
        say(json.dumps(tallies[given.world]))
    sys.exit(any(tally.get(kind, 0) for tally in tallies.values() for kind in WRONG))


def one_world(name: str, number: int, seconds: float, *, first: bool = False) -> Counter[str]:
    """One batch of examples after another until the time is over or something is broken."""
    tally = Counter[str]()
    examples, steps = BATCHES[name]
    end = time.monotonic() + seconds
    # Elsewhere an example takes seconds, and a smaller one is not worth minutes.
    shrink = name == "memory" and not first
    while True:
        try:
            run_chaos(world(name), examples, steps, tally=tally, number=number, shrink=shrink)
        except Exception as error:
            traceback.print_exc()
            tally[_kind(error)] += 1
            flags = f"--world {name} --seed {number} --seconds 0"
            say(f"again with: python -m tests.promises.chaos {flags}")
            return tally
        number += 1
        if time.monotonic() >= end:
            return tally


def _kind(error: BaseException) -> str:
    found = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
    kinds = {DuplicateError: "duplicates", OrphanError: "orphans", PhantomError: "phantoms"}
    return kinds.get(type(found), "others")


def _all_worlds(number: int, seconds: float) -> dict[str, dict[str, int]]:
    """Each in a process of its own, at the same time."""
    say(f"seed {number}; {seconds:.0f} s in each world")
    command = [
        sys.executable,
        "-m",
        "tests.promises.chaos",
        "--seed",
        f"{number}",
        "--seconds",
        f"{seconds}",
    ]
    running = {
        name: subprocess.Popen([*command, "--world", name], stdout=subprocess.PIPE, text=True)
        for name in NAMES
    }
    tallies = {}
    for name, process in running.items():
        out, _ = process.communicate()
        *told, last = out.splitlines() or [""]
        for line in told:
            say(f"{name}: {line}")
        tallies[name] = json.loads(last) if last.startswith("{") else {"others": 1}
    return tallies


def _print(tallies: dict[str, dict[str, int]], number: int) -> None:
    total: Counter[str] = Counter()
    for tally in tallies.values():
        total.update(tally)
    rows = {**tallies, "together": total}
    say(f"\n{'':22}", *(f"{name:>10}" for name in rows))
    for key, title in COLUMNS.items():
        say(f"{title:22}", *(f"{tally.get(key, 0):>10,}" for tally in rows.values()))
    say(f"\nseed {number}: {'nothing was broken' if not any(map(total.get, WRONG)) else 'BROKEN'}")


if __name__ == "__main__":
    main()
