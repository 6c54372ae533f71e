"""A workspace's folder on this machine, `.gitrain` by default: one that gitrain made, and no other.

It is absent or empty when it is first used, and a file of ours marks it from then on. Nothing is
written or deleted in any other folder, whatever gitrain.yaml calls it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gitrain.atomic import write_atomically
from gitrain.errors import WorkspaceError
from gitrain.manifest.project import HOME
from gitrain.ownership import stranger

MARK = ".gitrain-workspace"
_SAYS = b"gitrain made this folder: it keeps its runs here, and deletes only what is its own.\n"
_OURS_ALONE = 0o700
_IGNORED = b"*\n"
# What the versions that set no mark made.
_UNMARKED = {
    *(".gitignore", "ledger.lock", "runs", "staging", "slots"),
    *("adoptions", "checkpoints", "environments", "objects"),
}
_ANOTHER = "choose a `path` that does not exist yet; `.gitrain` is the default"


class HomeError(WorkspaceError):
    """A folder that cannot be a workspace's. `code` is stable, as in `Problem`; the text of the
    exception is `message`, what is wrong, and `suggestion`, what to do about it."""

    def __init__(self, code: str, message: str, suggestion: str) -> None:
        self.code = code
        self.message = message
        self.suggestion = suggestion
        super().__init__(f"{message}: {suggestion}")


def check_home(root: Path, path: str) -> None:
    """Raise HomeError unless `path`, of a workspace of the project at `root`, can be its folder.

    Changes nothing. The project's own folder, one that holds it, one in `.git`, and a link that
    leads out of the project cannot.
    """
    root = root.resolve()
    written = Path(os.path.normpath(root / path))
    folder = (root / path).resolve()
    if root.is_relative_to(folder):
        which = "the project's own folder" if root == folder else "a folder that holds the project"
        raise HomeError("workspace-folder", f"`{path}` is {which}", _ANOTHER)
    if written.is_relative_to(root) and not folder.is_relative_to(root):
        message = f"`{path}` is a link that leads out of the project"
        cure = "remove the link, and write where it leads as the workspace's `path`"
        raise HomeError("workspace-folder", message, cure)
    if ".git" in Path(os.path.relpath(folder, root)).parts:
        raise HomeError("workspace-folder", f"`{path}` is in Git's own folder", _ANOTHER)
    _check_existing(folder, f"`{path}`")


def claim_home(folder: Path) -> None:
    """Make the folder, or take one that is empty; it is marked, and ignores itself in Git.

    Nobody else on the machine may look into it: whoever can open a lock can hold it, and a log may
    say anything. Raises HomeError when something else made it, OSError when it cannot be written.
    """
    folder.mkdir(mode=_OURS_ALONE, parents=True, exist_ok=True)
    _check_existing(folder, str(folder))
    if not os.path.lexists(folder / MARK):
        # At once, with no file of another name in between: a second process may be looking.
        (folder / MARK).write_bytes(_SAYS)
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & ~_OURS_ALONE:
        folder.chmod(mode & _OURS_ALONE)
    if not os.path.lexists(folder / ".gitignore"):
        write_atomically(folder / ".gitignore", _IGNORED)


def _check_existing(folder: Path, shown: str) -> None:
    try:
        if not stat.S_ISDIR(folder.stat().st_mode):
            raise HomeError("workspace-folder", f"{shown} is not a folder", _ANOTHER)
        if owner := stranger(folder):
            message = f"{shown} belongs to {owner}, so what it says of runs is theirs"
            cure = "choose another `path`, or make the folder yours (chown)"
            raise HomeError("foreign-owner", message, cure)
        names = {entry.name for entry in os.scandir(folder)}
    except FileNotFoundError:
        return
    except OSError as error:
        message = f"cannot read {shown}: {error.strerror}"
        raise HomeError("workspace-folder", message, "check its permissions") from error
    if names and MARK not in names and not _made_before_marks(folder, names):
        message = f"{shown} has files in it that gitrain did not make"
        raise HomeError("workspace-folder", message, _ANOTHER)


def _made_before_marks(folder: Path, names: set[str]) -> bool:
    """Whether a version of gitrain that set no mark made it, also if it was killed meanwhile."""
    only_ours = all(name in _UNMARKED or name.startswith("ledger.db") for name in names)
    if ".gitignore" in names:
        ignored = _is_exactly(folder / ".gitignore", _IGNORED)
        return ignored and (only_ours or "runs" in names)
    # Some of it may have been lost; a workspace of Azure ML has had nothing but these objects.
    objects = folder.name == HOME and names == {"objects"}
    return only_ours and ("ledger.db" in names or objects)


def _is_exactly(file: Path, content: bytes) -> bool:
    if not file.is_file() or file.is_symlink():
        return False
    with file.open("rb") as opened:
        return opened.read(len(content) + 1) == content
