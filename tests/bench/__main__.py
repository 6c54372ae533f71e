"""The speed of gitrain and its peers, in one run: Markdown tables on stdout.

    make bench                  100, 1,000 and 10,000 manifests, 20,000 files, 100,000 runs, thrice
    make bench BENCH=--quick    100 and 1,000 manifests, 2,000 files, 10,000 runs, one round

Each figure is the median of several runs of a whole process, in CPU seconds (its own and those of
the processes it starts, user and system); in brackets wall seconds and the peak of memory. Exits 1
when a bar does not hold.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench import bars, history, scale, sources, start
from tests.bench.place import Place

LEGEND = """\
- Every command is a process of its own; figures are medians of {rounds} runs (start-up: {starts}).
  Files are in the system's cache, and Python's bytecode is compiled, as pip leaves it.
- cold: gitrain has no cache of its own; warm: as the run before left it.
- `gitrain validate` parses YAML, checks the schema, references between files, rules, secrets and
  policy, for two workspaces. check-jsonschema parses the same files and checks the same schema.
- `gitrain plan` does all that, asks Git for the identity of the code, computes the digest of every
  job, reads what has run from the local workspace's ledger, and compares. The jobs share a code
  folder of 20 files; every tenth takes another's output and has a gate. The ledger and the runs'
  folders are written by the benchmark: nothing ran.
- `terraform plan` reads one file of static JSON and a state file, refreshes every resource and
  compares. It builds a general graph, and speaks to providers by a protocol; its builtin one, here.
  What it costs depends on what a resource holds, so there are two rows.
"""


def main() -> int:
    flags = _flags()
    with tempfile.TemporaryDirectory(prefix="gitrain-bench-") as scratch:
        place = Place(Path(scratch), 1 if flags.quick else 3)
        show(machine())
        place.say("start-up")
        started = start.measure(place)
        show(start.report(started))
        costs = scale.measure(
            place, [100, 1_000] if flags.quick else [100, 1_000, 10_000], flags.terraform_up_to
        )
        show(scale.report(costs), scale.ratios(costs))
        files = 2_000 if flags.quick else 20_000
        show(sources.report(sources.measure(place, files), files))
        ran = history.measure(place, [200, 10_000 if flags.quick else 100_000])
        show(history.report(ran))
    promises = list(bars.bars(started, costs, ran))
    legend = LEGEND.format(rounds=place.rounds, starts=2 * place.rounds + 1)
    show(bars.report(promises), f"Load {os.getloadavg()[0]:.1f} at the end.\n", legend)
    return 0 if all(bar.holds for bar in promises) else 1


def show(*parts: str) -> None:
    """Print as soon as it is known: the whole takes minutes."""
    for part in filter(None, parts):
        sys.stdout.write(f"{part}\n")
    sys.stdout.flush()


def _flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="for trying: smaller, and once")
    parser.add_argument(
        "--terraform-up-to",
        type=int,
        default=1_000,
        metavar="N",
        help="the largest number of resources for Terraform; 10000 takes minutes and gigabytes",
    )
    return parser.parse_args()


def machine() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    versions = [f"Python {platform.python_version()}", _says("git", "--version")]
    versions.append(_says("check-jsonschema", "--version"))
    if shutil.which("terraform"):
        versions.append(_says("terraform", "version"))
    return (
        f"{names[0] if names else platform.processor()}, {cores} cores, {memory:.0f} GiB,"
        f" load {load:.1f}; {', '.join(versions)}.\n"
    )


def _says(*words: str) -> str:
    found = shutil.which(words[0]) or str(Path(sys.executable).with_name(words[0]))
    said = subprocess.run([found, *words[1:]], capture_output=True, text=True, check=True).stdout
    return said.splitlines()[0].replace(", version", "").strip()


if __name__ == "__main__":
    sys.exit(main())
