"""The folder that a run's snapshot is made from: exactly the job's tree, distinct from any other.

The SDK compares a folder with the previous snapshot by hashes that ignore the names of folders, so
it mistakes a renamed folder for the old one and ships the old code. It also follows links out of
the folder, and leaves out what a `.gitignore` names even if Git has it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gitrain.desired import Code
from gitrain.errors import WorkspaceError
from gitrain.workspace import Stage

_IGNORE = ".amlignore"
_FOLDER = ".gitrain-folder"


@contextmanager
def staged(stage: Stage, code: Code | None) -> Iterator[Path]:
    """A new folder with the job's tree, ready for the SDK, until the context ends.

    Raises WorkspaceError when it cannot be written, or a link leads out of it.
    """
    with tempfile.TemporaryDirectory(prefix="gitrain-") as parent:
        folder = Path(parent).resolve() / "code"
        if code is None:
            folder.mkdir()
        else:
            stage(code, folder)
        try:
            _check_links(folder)
            _mark(folder, code.tree if code else "empty")
        except OSError as error:
            raise WorkspaceError(f"cannot stage the code: {error}") from error
        yield folder


def _check_links(folder: Path) -> None:
    for path in _entries(folder):
        if not path.is_symlink():
            continue
        shown = path.relative_to(folder).as_posix()
        try:
            end = path.resolve(strict=True)
        except (OSError, RuntimeError):
            raise WorkspaceError(f"{shown} is a link that leads nowhere") from None
        if not end.is_relative_to(folder):
            raise WorkspaceError(f"{shown} is a link that leads out of the job's code")
        if path.parent.is_relative_to(end):
            raise WorkspaceError(f"{shown} is a link to a folder that contains it")


def _entries(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        yield from (Path(parent, name) for name in (*folders, *files))


def _mark(folder: Path, tree: str) -> None:
    """Write each folder's name into it, so that its hash includes the name; and replace all ignore
    files by one that ignores nothing: what should be left out is not in the tree."""
    for parent, _, _ in list(os.walk(folder)):
        path = Path(parent)
        if path != folder:
            path.joinpath(_FOLDER).write_text(f"{path.relative_to(folder).as_posix()}\n")
    folder.joinpath(_IGNORE).write_text(f"# gitrain: tree {tree}\n")
