"""Copies the files of a run from a workspace to a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from gitrain.atomic import replacing
from gitrain.errors import WorkspaceError

# Writes one whole file to a new path.
Copy = Callable[[Path], object]


def download(files: Mapping[str, Copy], folder: Path) -> tuple[Path, ...]:
    """Copy each file to its name below `folder`, which is created: whole, or not at all.

    Raises WorkspaceError when a file cannot be written, or its name leads out of `folder`.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, copy in sorted(files.items()):
            target = folder / name
            if not target.resolve().is_relative_to(folder.resolve()):
                raise WorkspaceError(f"{name} would be written outside of {folder}")
            target.parent.mkdir(parents=True, exist_ok=True)
            with replacing(target, sync=False) as temporary:
                copy(temporary)
            written.append(target)
    except OSError as error:
        raise WorkspaceError(f"cannot download to {folder}: {error}") from error
    return tuple(written)
