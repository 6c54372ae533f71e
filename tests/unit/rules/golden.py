"""Every message of every rule, as a user sees it: messages.txt, to be read as prose.

python -m tests.unit.rules.golden --write
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from gitrain.report.text.columns import unstyled
from gitrain.report.text.problems import problem_lines
from tests.golden import print_or_write
from tests.unit.rules.cases import CASES, POLICY
from tests.unit.rules.place import problems

FILE = Path(__file__).with_name("messages.txt")


def messages() -> str:
    """A paragraph for each case: its name, and what is said."""
    told = {name: _told(manifest) for name, (manifest, *_) in CASES.items()}
    told |= {f"policy: {name}": _told(case[1], case[0]) for name, case in POLICY.items()}
    return "\n".join(f"# {name}\n{text}" for name, text in told.items())


def _told(manifest: str, policy: str = "") -> str:
    with tempfile.TemporaryDirectory() as folder:
        found = problems(Path(folder), manifest, policy=policy, around=not policy)
    ours = sorted((p for p in found if p.location.file == "jobs/m0.yaml"), key=lambda p: p.order)
    return "".join(f"{line}\n" for problem in ours for line in problem_lines(problem, unstyled))


if __name__ == "__main__":
    print_or_write(messages(), FILE)
