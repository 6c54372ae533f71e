"""The step of GitHub Actions that this is: links, the lines that a change touches, the summary."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from gitrain.github.event import read_event
from gitrain.load.discover import find_root
from gitrain.report.annotations import Where
from gitrain.report.markdown.links import Links
from gitrain.source.changed_lines import changed_lines
from gitrain.source.repository import Repository

MOST = 1024 * 1024
"""Bytes of a step's summary: GitHub drops a longer one completely."""


def project_folder(directory: Path) -> str:
    """The project's folder in its repository; "" for the root."""
    root = find_root(directory)
    top = next((place for place in (root, *root.parents) if (place / ".git").exists()), root)
    return "" if root == top else root.relative_to(top).as_posix()


def where(directory: Path) -> Where:
    """What annotations need to know; outside a pull request there are no touched lines."""
    base = read_event(os.environ).base
    folder = project_folder(directory)
    repository = Repository(find_root(directory))
    if not base or repository.checkout is None or not repository.remote:
        return Where(folder=folder)
    touched = changed_lines(repository.checkout, f"{repository.remote}/{base}")
    return Where(folder=folder, touched=touched)


def links(directory: Path) -> Links:
    """The addresses of this process's event; all empty outside GitHub Actions."""
    event = read_event(os.environ)
    folder = project_folder(directory)
    return Links(web=event.web, commit=event.head, folder=folder, run=event.run)


def add_to_summary(text: Callable[[int], str]) -> None:
    """Add a text to the summary of a GitHub job; `text` gets the number of bytes that are left."""
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    if not name:
        return
    file = Path(name)
    room = MOST - (file.stat().st_size if file.exists() else 0) - 1
    if room > 0 and (body := text(room)):
        with file.open("a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(f"{body}\n")
