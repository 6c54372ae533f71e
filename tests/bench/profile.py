"""Where the time of one command goes, by Python's own profiler.

    python -m tests.bench.profile plan --manifests 1000
    python -m tests.bench.profile validate --manifests 1000 --sort cumulative --lines 60

The command runs once before: what it leaves in caches is there. `--cold` runs it at once.
"""

from __future__ import annotations

import argparse
import pstats
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.place import Place


def main() -> None:
    flags, words = _flags()
    with tempfile.TemporaryDirectory(prefix="gitrain-bench-") as scratch:
        place = Place(Path(scratch), rounds=1)
        project, profile = place.folder / "project", place.folder / "profile"
        place.make("manifests", project, f"{flags.manifests}")

        def run(*profiler: str) -> None:
            command = [sys.executable, *profiler, "-m", "gitrain", *words]
            subprocess.run(
                command, cwd=project, env=place.variables, stdout=subprocess.DEVNULL, check=True
            )

        if not flags.cold:
            run()
        run("-m", "cProfile", "-o", str(profile))
        pstats.Stats(str(profile)).sort_stats(flags.sort).print_stats(flags.lines)


def _flags() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--manifests", type=int, default=1000)
    parser.add_argument("--sort", choices=["tottime", "cumulative", "ncalls"], default="tottime")
    parser.add_argument("--lines", type=int, default=40)
    parser.add_argument("--cold", action="store_true")
    return parser.parse_known_args()


if __name__ == "__main__":
    main()
