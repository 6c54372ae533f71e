"""A project whose only job has a source tree of many files, and has completed.

    python -m tests.bench.tree FOLDER COUNT

A hundred files a folder, some 4 kB each, committed to a new repository.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.bench.repository import commit

PROJECT = """\
apiVersion: gitrain/v1
kind: Project
metadata: {name: bench}
spec:
  workspaces: {local: {type: local}}
"""
JOB = """\
apiVersion: gitrain/v1
kind: Job
metadata: {name: train}
spec: {code: ../training, command: python part0/file0.py}
"""


def write(root: Path, files: int) -> None:
    for name, text in {"gitrain.yaml": PROJECT, "jobs/train.yaml": JOB}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    for number in range(files):
        file = place(root, number)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"VALUE = {number}\n" + "# a line of source\n" * 200, encoding="utf-8")
    commit(root)


def place(root: Path, number: int) -> Path:
    return root / f"training/part{number // 100}/file{number}.py"


def edit(root: Path, files: int) -> None:
    """Change a thousandth of the files, and add as many that Git does not know."""
    for number in range(0, files, 1000):
        place(root, number).write_text("VALUE = -1\n", encoding="utf-8")
        place(root, files + number).parent.mkdir(parents=True, exist_ok=True)
        place(root, files + number).write_text("NEW = True\n", encoding="utf-8")


def touch(root: Path, files: int) -> None:
    """Give every file a new time, as a copy of the folder does: Git has to look into each."""
    for number in range(files):
        os.utime(place(root, number))


if __name__ == "__main__":
    from tests.bench.manifests import complete  # not for those who only edit: it is large

    write(Path(sys.argv[1]), int(sys.argv[2]))
    complete(Path(sys.argv[1]))
