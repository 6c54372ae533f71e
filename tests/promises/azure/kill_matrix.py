"""kill -9 of a reconcile at each of its requests; the next one ends with each run once.

`python -m tests.promises.azure.kill_matrix` tries them all, and prints a table.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tests.promises.azure.scene import Scene, all_of, measured
from tests.promises.azure.words import pattern, shape

WHENS = ("before", "after")


@dataclass(frozen=True)
class Moment:
    """Die at the nth request that matches: before it has an effect, or before its answer comes."""

    when: str
    nth: int
    match: str


@dataclass(frozen=True)
class Healed:
    """Which request it was ("" when none was left), and what was wrong in the end."""

    moment: Moment
    request: str
    duplicates: int
    orphans: int
    wrong: tuple[str, ...]


def killed(scene: Scene, moment: Moment) -> Healed:
    """Die at the moment, reconcile again, and look."""
    faults = scene.emulator.faults

    def aim(pid: int) -> None:
        faults.client_pid = pid

    fault = faults.add(moment.match, nth=moment.nth, when=moment.when, kill=True, source="any")
    died = scene.gitrain("reconcile", pid=aim)
    faults.client_pid = None
    struck = [shape(one) for one in scene.emulator.requests.list if one.status == 0]
    wrong = []
    if died.code != (-signal.SIGKILL if fault.struck else 0):
        wrong.append(f"it was to die and ended with {died.code}: {died.err}")
    wrong += scene.heals()
    counts = len(scene.duplicates()), len(scene.orphans())
    return Healed(moment, struck[0] if struck else "", *counts, tuple(wrong))


def moments() -> list[Moment]:
    """Both ways to die, at each request of a reconcile."""
    seen: Counter[str] = Counter()
    found = []
    for request in measured()[0]:
        name = shape(request)
        seen[name] += 1
        found += [Moment(when, seen[name], pattern(name)) for when in WHENS]
    return found


def table(results: Iterable[Healed]) -> Counter[str]:
    """Print each result; how many kills, duplicates, orphans and other failures there were."""
    totals: Counter[str] = Counter()
    for result in results:
        request = result.request or "(none was left)"
        outcome = "; ".join(result.wrong) or "healed: 3 runs, 1 cluster, 2 environments, empty plan"
        say(f"{result.moment.nth:3}  {request:62.62}  {result.moment.when:6}  {outcome}")
        totals["kills"] += bool(result.request)
        totals["duplicates"] += result.duplicates
        totals["orphans"] += result.orphans
        totals["failed"] += bool(result.wrong)
    return totals


def say(*words: Any, sep: str = " ") -> None:
    print(*words, sep=sep, flush=True)  # noqa: T201


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--at-once", type=int, default=4, help="how many cases at a time")
    at_once = words.parse_args().at_once
    begun = time.monotonic()
    say(f"{'NTH':3}  {'REQUEST':62}  {'KILLED':6}  OUTCOME OF THE NEXT RECONCILE")
    totals = table(all_of(moments(), killed, at_once))
    say(
        f"\n{totals['kills']} kills in {time.monotonic() - begun:.0f} s: duplicates "
        f"{totals['duplicates']}, orphans {totals['orphans']}, not healed {totals['failed']}"
    )
    sys.exit(bool(totals["failed"]))


if __name__ == "__main__":
    main()
