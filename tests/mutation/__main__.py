"""How many deliberate faults in the pure core the tests notice, and which they do not.

    make mutation                      # all of it: ten minutes on two cores
    python -m tests.mutation gates     # one module

mutmut changes one thing at a time (an operator, a number, an argument) and runs the tests that come
by there. A mutant that no test notices survives. Prints a row for each module, and every survivor:
with its reason where explained.py has one, else with its change. Exits 1 below LEAST, and when a
survivor has no reason.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

from tests.mutation.explained import reason
from tests.root import ROOT

SCRATCH = ROOT / "build" / "mutation"
LEAST = 85
"""Percent."""

PARTS = ("plan", "rules", "digest", "diff", "gates")
TESTS = ("tests/unit/plan", "tests/unit/rules", "tests/promises/identity", "tests/unit/report")
FOLDERS = ("tests", "schemas", "jobs", "training")
FILES = ("gitrain.yaml", "README.md")

CONFIG = f"""
[tool.mutmut]
source_paths = ["src"]
only_mutate = {[f"src/gitrain/{part}{end}" for part in PARTS for end in ("/*", ".py")]}
also_copy = {[*FOLDERS, *FILES]}
pytest_add_cli_args_test_selection = {list(TESTS)}
pytest_add_cli_args = ["-p", "no:cacheprovider"]
use_git_change_detection = false

[tool.pytest.ini_options]
pythonpath = ["."]
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("modules", nargs="*", help=f"of {', '.join(PARTS)}; default: all")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    flags = parser.parse_args()
    lay_out()
    patterns = [f"gitrain.{module}.*" for module in flags.modules]
    log = SCRATCH / "mutmut.log"
    with log.open("w") as out:
        ended = mutmut("run", "--max-children", str(flags.processes), *patterns, stdout=out)
    if ended.returncode:
        sys.stderr.write(f"{log.read_text().rpartition(chr(13))[2]}\nmutmut failed: see {log}\n")
        return 1
    return report(patterns)


def lay_out() -> None:
    """The project in mutmut's own layout: it imports from `src`, never from `runner`."""
    shutil.rmtree(SCRATCH, ignore_errors=True)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "runner" / "gitrain", SCRATCH / "src" / "gitrain", ignore=ignored)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, SCRATCH / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, SCRATCH / name)
    (SCRATCH / "pyproject.toml").write_text(CONFIG)


def report(patterns: list[str]) -> int:
    found = [(m, verdict) for m, verdict in results() if not patterns or chosen(m, patterns)]
    modules: dict[str, Counter[str]] = {}
    for mutant, verdict in found:
        modules.setdefault(mutant.rpartition(".")[0], Counter())[verdict] += 1
    say("| module | mutants | noticed | % |\n|---|---:|---:|---:|")
    for module, verdicts in sorted(modules.items()):
        say(f"| {module} | {verdicts.total()} | {noticed(verdicts)} | {percent(verdicts):.0f} |")
    whole = sum(modules.values(), Counter[str]())
    say(f"| all | {whole.total()} | {noticed(whole)} | {percent(whole):.1f} |\n")
    survivors = [mutant for mutant, verdict in found if verdict not in NOTICED]
    unexplained = [mutant for mutant in survivors if not explained(mutant)]
    say(f"\n{len(survivors)} survivors, {len(unexplained)} of them without a reason")
    return 0 if percent(whole) >= LEAST and not unexplained else 1


def explained(mutant: str) -> bool:
    """Print a survivor; whether it has a reason to be one."""
    change = mutmut("show", mutant, stdout=subprocess.PIPE).stdout
    added = re.findall(r"^\+(?!\+\+)\s*(.*)", change, re.MULTILINE)
    why = reason(function(mutant), " ".join(added))
    say(f"survived, and may: {mutant}: {why}" if why else f"survived: {mutant}\n{change}")
    return bool(why)


def function(mutant: str) -> str:
    """`plan.jobs.Jobs._row` of mutmut's `gitrain.plan.jobs.xǁJobsǁ_row__mutmut_3`."""
    name = mutant.removeprefix("gitrain.").rpartition("__mutmut_")[0]
    return re.sub(r"xǁ(\w+)ǁ", r"\1.", name).replace(".x_", ".")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


NOTICED = ("killed", "timeout", "segfault", "caught by type check")


def results() -> Iterator[tuple[str, str]]:
    """Each mutant with its verdict."""
    for line in mutmut("results", "--all", "true", stdout=subprocess.PIPE).stdout.splitlines():
        mutant, _, verdict = line.strip().partition(": ")
        if verdict and verdict != "not checked":
            yield mutant, verdict


def chosen(mutant: str, patterns: list[str]) -> bool:
    return any(mutant.startswith(pattern.rstrip("*")) for pattern in patterns)


def noticed(verdicts: Counter[str]) -> int:
    return sum(verdicts[word] for word in NOTICED)


def percent(verdicts: Counter[str]) -> float:
    return 100 * noticed(verdicts) / max(1, verdicts.total())


def mutmut(*arguments: str, stdout: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload]
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=SCRATCH,
        stdout=stdout,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


if __name__ == "__main__":
    sys.exit(main())
