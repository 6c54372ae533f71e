"""`make transcript`: runs the README's transcript, and writes down what the commands printed.

A copy of this repository's project, in which the example was trained once; then someone changes
it. The trainings are real: the machine needs what `make reconcile` installs.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.promises.documents.console import Shell, rerun
from tests.promises.documents.pages import README, ROOT, read, replace_between

BEGIN = "<!-- transcript: make transcript -->"
END = "<!-- /transcript -->"

JOB = "fastai-digits"
MANIFEST = f"jobs/{JOB}.yaml"
OLD, NEW = "epochs: 8", "epochs: 4"
"""What someone changed, as the README says."""

_COPIED = ("gitrain.yaml", "jobs", "training", ".gitignore")


def transcript(text: str) -> str:
    """The part of the README that is run."""
    return text.partition(BEGIN)[2].partition(END)[0].lstrip("\n")


def project(folder: Path) -> Shell:
    """This repository's project, committed in `folder`, and a shell in it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *_COPIED],
        cwd=ROOT,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():  # a file may be deleted and not yet committed
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    variables = {
        "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        "HOME": str(folder.parent),
    }
    shell = Shell(folder, variables)
    shell("git init -q -b main && git add . && git commit -q -m 'Train on digits'")
    return shell


def change(shell: Shell) -> None:
    """Commit what someone changed."""
    file = shell.folder / MANIFEST
    text = file.read_text(encoding="utf-8")
    assert OLD in text
    file.write_text(text.replace(OLD, NEW), encoding="utf-8")
    shell("git commit -q -a -m 'Train in half the time'")


def main() -> None:
    text = read(README)
    with tempfile.TemporaryDirectory(prefix="gitrain-transcript-") as folder:
        root = Path(folder) / "pets"
        root.mkdir()
        shell = project(root)
        shell("gitrain reconcile --wait")
        change(shell)
        told = rerun(transcript(text), shell, write=lambda file, block: None)
    README.write_text(replace_between(BEGIN, END, told, text), encoding="utf-8")
    sys.stdout.write(told)


if __name__ == "__main__":
    main()
