"""Console blocks of a document, run as a reader would type them, and written with what they print.

A block of ```` ```console ```` has commands after `$ `, each with its output below it. A first line
`…` of an output leaves out what comes before the lines shown, a last one what comes after them.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ELIDED = "…"
LIMIT = 300

# Who commits, and when: so that a commit is the same each time a document is written.
GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_AUTHOR_DATE": "2026-11-28T12:00:00Z",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_COMMITTER_DATE": "2026-11-28T12:00:00Z",
}

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Step(NamedTuple):
    """A command and the output that stands below it, without its last line feed."""

    command: str
    output: str


class Shell:
    """Bash that remembers its folder from one command to the next; `~` is where it began."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        self.folder = self.home = folder
        self.variables = {"LANG": "C.UTF-8", "TERM": "dumb", **GIT, **variables}

    def __call__(self, command: str) -> str:
        """What a command prints, both streams as they come; it must succeed."""
        after = self.folder / ".after"
        script = f"{command}\ncode=$?; pwd > {after}; exit $code"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=LIMIT,
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}"
        self.folder = Path(after.read_text(encoding="utf-8").strip())
        after.unlink()
        return done.stdout.rstrip("\n").replace(str(self.home), "~")


def steps(block: str) -> Iterator[Step]:
    """The commands of a console block, each with its output."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        lines = part.rstrip("\n").split("\n")
        count = 1 + next(n for n, line in enumerate(lines) if not line.endswith("\\"))
        yield Step("\n".join(lines[:count]), "\n".join(lines[count:]))


def rerun(text: str, shell: Shell, write: Callable[[Path, str], object]) -> str:
    """The document `text` with the output that its commands print now.

    Other blocks whose first line is a comment with the name of a file are what the reader is asked
    to save: `write` gets the name and the text.
    """

    def renewed(found: re.Match[str]) -> str:
        language, block = found.groups()
        if language != "console":
            if name := re.match(r"# (\S+\.\w+)\n", block):
                write(shell.folder / name[1], block)
            return found[0]
        told = [_printed(step, shell(step.command)) for step in steps(block)]
        return "```console\n" + "".join(told) + "```"

    return _BLOCK.sub(renewed, text)


def _printed(step: Step, output: str) -> str:
    shown = elided(output.split("\n"), step.output.split("\n")) if output else []
    return "".join(f"{line}\n" for line in (f"$ {step.command}", *shown))


def elided(new: list[str], old: list[str]) -> list[str]:
    """The new output, as much of it as is shown of the old."""
    count = len(old) - 1
    if old[0] == ELIDED:
        return [ELIDED, *new[-count:]]
    if old[-1] == ELIDED:
        return [*new[:count], ELIDED]
    return new


def steady(text: str) -> str:
    """A document without what differs from one run of it to the next: ids, times, durations."""
    text = re.sub(r"\b[0-9a-f]{40}\b", "TREE", text)
    text = re.sub(r"\b[0-9a-f]{12}\b", "DIGEST", text)
    text = re.sub(r"\b(?=[a-f]*[0-9])[0-9a-f]{7}\b", "COMMIT", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", text)
    return re.sub(r" +$", "", re.sub(r"  +", "  ", text), flags=re.MULTILINE)
