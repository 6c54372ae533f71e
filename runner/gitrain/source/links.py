"""Symbolic links in a source, which must stay inside it."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path

from gitrain.source.errors import SourceError, shown


def check_link(folder: Path, path: bytes, target: bytes) -> None:
    """Refuse a link that is absolute or leaves its folder: its target would not be shipped.

    `path` is the link, relative to `folder`, an absolute path without links; the link need not
    exist (in a sparse checkout it is only in the index).
    """
    written = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    leaves = target.startswith(b"/") or written == b".." or written.startswith(b"../")
    if leaves or not _really_inside(folder, path):
        raise SourceError(
            "link-leaves",
            f"the link {shown(path)} in {folder} leaves the folder ({shown(target)})",
            "copy its target into the folder, or make it an input",
        )


def _really_inside(folder: Path, path: bytes) -> bool:
    # `d/../x` means something else if d is itself a link.
    try:
        return (folder / os.fsdecode(path)).resolve().is_relative_to(folder)
    except (OSError, RuntimeError):  # a link to itself has no target, inside or outside
        return True
