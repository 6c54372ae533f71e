"""Follows the tutorial in an empty folder, and writes down in it what its commands printed:

    python -m tests.promises.documents.tutorial

gitrain is this Python's; packages come from where pip finds them.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.promises.command_line.processes import kill_all
from tests.promises.documents.console import Shell, rerun
from tests.promises.documents.pages import DOCS, read

TUTORIAL = DOCS / "tutorial.md"


def followed(folder: Path, variables: Mapping[str, str]) -> str:
    """The tutorial as it is after each of its commands was typed in `folder`."""
    shell = Shell(folder, {"HOME": str(folder), **variables})
    try:
        return rerun(read(TUTORIAL), shell, write=_save)
    finally:
        kill_all(folder / "demo")


def _save(file: Path, block: str) -> None:
    """What the tutorial shows of a file that exists must stand in it; a new one is written."""
    text = block.partition("\n")[2]
    if file.exists():
        shown = file.read_text(encoding="utf-8")
        assert text in shown, f"{file.name} is not as the tutorial shows it:\n{shown}"
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def main() -> None:
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    with tempfile.TemporaryDirectory(prefix="gitrain-tutorial-") as folder:
        text = followed(Path(folder), {"PATH": path, **pip})
    TUTORIAL.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
