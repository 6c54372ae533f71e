"""What a project may read: its own folder, and the data that the user of this machine allows.

`.git` and the folders of workspaces are no part of it: what is in there is Git's or gitrain's.
"""

from __future__ import annotations

import os
from pathlib import Path

from gitrain.home import MARK
from gitrain.manifest.project import HOME

# An environment variable, because a branch can write everything that is in the repository.
DATA_ROOTS = "GITRAIN_DATA_ROOTS"


def outside(root: str | os.PathLike[str], path: str | os.PathLike[str]) -> str:
    """Why `path`, relative to the project's folder `root`, is not the project's, as the end of a
    sentence; "" if it is. Links are followed, and nothing is read. Raises OSError, ValueError."""
    own = os.path.realpath(root)
    real = os.path.realpath(Path(own, path))
    return _reserved(own, real) or ("" if _within(own, real) else "is outside the project")


def unlisted(root: str | os.PathLike[str], path: str | os.PathLike[str]) -> str:
    """Why data at `path` must not be read; "" if they are the project's, or below a folder that the
    environment variable GITRAIN_DATA_ROOTS lists, separated like the folders of PATH."""
    why = outside(root, path)
    if why != "is outside the project":
        return why
    real = os.path.realpath(Path(root, path))
    listed = filter(os.path.isabs, os.environ.get(DATA_ROOTS, "").split(os.pathsep))
    return "" if any(_within(os.path.realpath(folder), real) for folder in listed) else why


def _within(folder: str, real: str) -> bool:
    return real == folder or real.startswith(folder.rstrip(os.sep) + os.sep)


def _reserved(own: str, real: str) -> str:
    """What a real path belongs to; the project itself may be anywhere."""
    inside = _within(own, real)
    place = Path(real)
    parts = place.relative_to(own).parts if inside else place.parts
    if any(part.casefold() == ".git" for part in parts):
        return "belongs to Git"
    above = (place, *place.parents)[: len(parts)]
    if (inside and HOME in parts) or any((folder / MARK).exists() for folder in above):
        return "belongs to gitrain"
    return ""
