"""Whether the machine can fail: each bug of bugs.py, built into a copy of gitrain, must be found.

`python -m tests.promises.chaos.sharpness` tries them all, and prints which were.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.promises.chaos.__main__ import say
from tests.promises.chaos.bugs import BUGS, Bug

LIMIT = 300


def found(bug: Bug, seconds: float) -> str:
    """What the machine says of a copy with this bug; "" when it finds nothing."""
    with tempfile.TemporaryDirectory(prefix="gitrain-bug-") as folder:
        bug.copy_to(Path(folder))
        flags = [f"--world={bug.world}", "--seed=1", f"--seconds={seconds}", "--first"]
        ended = subprocess.run(
            [sys.executable, "-m", "tests.promises.chaos", *flags],
            env={**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
    if ended.returncode == 0:
        return ""
    lines = [line.strip(" |") for line in ended.stderr.splitlines()]
    return next((line for line in lines if "Error: " in line), ended.stderr[-500:] or "it died")


def table(bugs: Iterable[Bug], seconds: float) -> Iterator[Bug]:
    """Print what came of each; those that were not found."""
    bugs = list(bugs)
    with ThreadPoolExecutor(2) as pool:
        for bug, said in zip(bugs, pool.map(lambda b: found(b, seconds), bugs), strict=True):
            say(f"{'found ' if said else 'MISSED'}  {bug.world:8} {bug.name:60} {said[:120]}")
            if not said:
                yield bug


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--only", default="", help="only what has this text")
    words.add_argument("--seconds", type=float, default=60, help="how long to look for each")
    given = words.parse_args()
    bugs = [bug for bug in BUGS if given.only in f"{bug.world} {bug.name}"]
    missed = list(table(bugs, given.seconds))
    say(f"\n{len(bugs)} bugs, missed: {len(missed)}")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
