"""Each failure of the service at each kind of request of a reconcile.

It converges, or it ends with one clear error and no wrong action; the next reconcile, without the
failure, finishes. `python -m tests.promises.azure.fault_matrix` tries them all, and prints a table.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.doubles.azure.answers import problem
from tests.doubles.azure.faults import Fault
from tests.promises.azure.kill_matrix import say
from tests.promises.azure.scene import Scene, all_of, measured
from tests.promises.azure.words import pattern, shape
from tests.promises.command_line.project import Ended

# One second more than the client waits for an answer.
LATE = 61.0
PROVIDER = "/subscriptions/*/providers/Microsoft.MachineLearningServices"
ORDER = ("first:", "again:", "a")
QUOTA = problem(400, "The subscription's quota of cores is exceeded.", "QuotaExceeded").body
FAULTS: dict[str, dict[str, Any]] = {
    "time-out": {"when": "after", "delay": LATE},
    "408": {"status": 408},
    "429": {"status": 429, "headers": {"Retry-After": "1"}},
    "500": {"status": 500},
    "502": {"status": 502},
    "503": {"status": 503},
    "504": {"status": 504},
    "500 after": {"status": 500, "when": "after"},
    "reset": {"reset": True},
    "lost": {"reset": True, "when": "after"},
    "truncated": {"truncate": True, "when": "after"},
    "404": {"status": 404},
    "401": {"status": 401},
    "403": {"status": 403},
    "quota": {"status": 400, "body": QUOTA},
    # Not found for some reads after it was made; its rows are what was made.
    "late": {},
    "503 …": {"status": 503, "times": None},
    "reset …": {"reset": True, "times": None},
    "401 …": {"status": 401, "times": None},
    "403 …": {"status": 403, "times": None},
}


@dataclass(frozen=True)
class Trouble:
    """A fault (its name; `…`: it lasts) at the first request of a shape; or things seen `late`.

    `settled`: when there is nothing to do any more.
    """

    request: str
    name: str
    settled: bool = False

    @property
    def row(self) -> str:
        if self.name == "late":
            return f"a {self.request} that was made"
        address = self.request.replace(PROVIDER, "…")
        return f"{'again' if self.settled else 'first'}: {address}"

    def add_to(self, scene: Scene) -> Any:
        if self.name == "late":
            scene.emulator.faults.lag(self.request, reads=3)
            return Fault("", struck=1)
        how = {"source": "any", **FAULTS[self.name]}
        return scene.emulator.faults.add(pattern(self.request), **how)


@dataclass(frozen=True)
class Ending:
    """How the disturbed reconcile ended ("" or its error), and what was wrong then or later."""

    trouble: Trouble
    struck: int
    error: str
    wrong: tuple[str, ...]


def troubled(scene: Scene, trouble: Trouble) -> Ending:
    """Reconcile with the fault, look, and reconcile without it."""
    if trouble.settled:
        scene.requests()
    scene.emulator.requests.reset()
    fault = trouble.add_to(scene)
    ended = scene.gitrain("reconcile")
    wrong = [*unclear(ended), *scene.duplicates(), *strangers(scene)]
    if trouble.settled:
        wrong += [f"writes: {shape(one)}" for one in scene.emulator.requests.writes]
    # What is incomplete, such as a run's tags, is repaired by the next reconcile.
    converged = ended.code == 0 and not scene.orphans()
    wrong += scene.rests() if converged else scene.heals()
    return Ending(trouble, fault.struck, told(ended) if ended.code else "", tuple(wrong))


def strangers(scene: Scene) -> list[str]:
    """What nobody asked for. A run that is not yet marked is repaired by the next reconcile."""
    return [one for one in scene.orphans() if not one.startswith("untold")]


def told(ended: Ended) -> str:
    """The lines that say what went wrong."""
    lines = [*ended.lines, *ended.err.splitlines()]
    marked = [line for line in lines if line.startswith(("✗", "error", "gitrain:", "Error"))]
    return " | ".join(dict.fromkeys(marked)) or ended.err.strip()


def unclear(ended: Ended) -> list[str]:
    """What a user must never see."""
    text = ended.out + ended.err
    found = [f"shows {word!r}" for word in ("Traceback", "bug in gitrain") if word in text]
    if ended.code not in (0, 1, 5):
        found.append(f"exits {ended.code}")
    if ended.code and not told(ended):
        found.append("says nothing")
    return found


def troubles() -> list[Trouble]:
    """Every fault at every kind of request of both reconciles; what only waits is spread evenly."""
    shapes = [
        (name, settled)
        for settled, requests in zip((False, True), measured(), strict=True)
        for name in dict.fromkeys(map(shape, requests))
    ]
    quick = [
        Trouble(request, name, settled)
        for name in FAULTS
        if name not in ("late", "time-out")
        for request, settled in shapes
    ]
    slow = [Trouble(kind, "late") for kind in ("run", "compute", "environment")]
    slow += [Trouble(request, "time-out", settled) for request, settled in shapes]
    step = len(quick) // len(slow)
    return [
        one
        for number, waits in enumerate(slow)
        for one in (waits, *quick[number * step : (number + 1) * step])
    ] + quick[len(slow) * step :]


def table(endings: Iterable[Ending]) -> Iterator[Ending]:
    """Print one row for each kind of request: + converged, e one error, . not met, X wrong."""
    rows: dict[str, dict[str, str]] = defaultdict(dict)
    counts: Counter[str] = Counter()
    for ending in endings:
        trouble = ending.trouble
        say(f"{mark(ending)} {trouble.name:9} {trouble.row:62.62} {ending.error}")
        for wrong in ending.wrong:
            say(f"    {wrong}")
        rows[trouble.row][trouble.name] = mark(ending)
        counts[mark(ending)] += 1
        yield ending
    say("\n+ converged, e ended with one error, . not met, X wrong:", dict(counts))
    say("\n" + " " * 62, *(f"{name:9}" for name in FAULTS))
    for row in sorted(rows, key=lambda row: ORDER.index(row.split()[0])):
        say(f"{row:62.62}", *(f"{rows[row].get(name, ''):9}" for name in FAULTS))


def mark(ending: Ending) -> str:
    if ending.wrong:
        return "X"
    return "." if not ending.struck else "e" if ending.error else "+"


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--at-once", type=int, default=8, help="how many cases at a time")
    words.add_argument("--only", nargs="*", default=[""], help="only what has one of these texts")
    given = words.parse_args()
    begun = time.monotonic()
    cases = [
        one for one in troubles() if any(text in f"{one.name} {one.row}" for text in given.only)
    ]
    endings = list(table(all_of(cases, troubled, given.at_once)))
    wrong = sum(bool(ending.wrong) for ending in endings)
    say(f"\n{len(cases)} cases in {time.monotonic() - begun:.0f} s, wrong: {wrong}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
