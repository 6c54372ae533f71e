"""Which repository a folder is in: the one whose `.git` is in it or above it, and no other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from gitrain.source.errors import SourceError, shown
from gitrain.source.git import Git, Reply, failure
from gitrain.source.settings import Settings, read_settings

_THEN = "--then"  # rev-parse echoes an unknown flag; a path may contain a line feed


class Checkout(msgspec.Struct, frozen=True):
    """A work tree, its index and its objects; `algorithm` is sha1 or sha256.

    `managed` is false for a folder outside any repository, which git reads with a temporary one.
    """

    git: Git
    root: Path
    git_dir: Path
    objects: Path
    algorithm: str
    settings: Settings = Settings({})
    managed: bool = True


def find_checkout(folder: Path) -> Checkout | None:
    """The repository whose work tree contains `folder`, which must exist; None if there is none.

    Raises SourceError if git cannot or will not read it, or if its settings run something that a
    branch can change.
    """
    # Started at the repository's top, git finds its `.git` before anything in the work tree that
    # looks like a repository (which a branch can add). Without a `.git`, git is not even needed.
    for marker in _markers(folder):
        if checkout := _checkout_at(marker):
            return None if folder.is_relative_to(checkout.git_dir) else checkout
    return None


def outside_git(folder: Path, git_dir: Path) -> Checkout:
    """A folder outside any repository, as the work tree of the temporary repository `git_dir`."""
    git = Git(folder).given(GIT_DIR=str(git_dir), GIT_WORK_TREE=str(folder), GIT_ATTR_NOSYSTEM="1")
    return Checkout(git, folder, git_dir, git_dir / "objects", "sha1", managed=False)


def make_repository(place: Path) -> Path:
    """Make a temporary repository in an existing folder; returns its `.git`.

    In it, no setting of this user or this machine affects what a folder contains.
    """
    Git(place).run("init", "--quiet", "--template=", "--object-format=sha1")
    git_dir = place / ".git"
    with (git_dir / "config").open("a") as config:
        config.write("[core]\n\texcludesFile = /dev/null\n\tattributesFile = /dev/null\n")
    (git_dir / "info").mkdir(exist_ok=True)
    (git_dir / "info" / "attributes").write_text("* -filter\n")
    return git_dir


def nearest_marker(folder: Path) -> Path | None:
    """The nearest folder, this one or above, with a `.git`: folders that share it share its
    repository, if it is one."""
    return next(_markers(folder), None)


def _markers(folder: Path) -> Iterator[Path]:
    return (path for path in (folder, *folder.parents) if _exists(path / ".git"))


def _checkout_at(marker: Path) -> Checkout | None:
    git = Git(marker)
    reply = git.ask(
        *("rev-parse", "--show-object-format", _THEN, "--absolute-git-dir", _THEN),
        *("--git-path", "objects", _THEN, "--show-toplevel"),
    )
    if "must be run in a work tree" in reply.err:
        return None
    if _is_unknown(reply):
        _refuse_half(marker, reply.reason)
        return None
    if reply.status:
        raise failure("git rev-parse", marker, reply)
    algorithm, found, objects, top = reply.text.split(f"\n{_THEN}\n")
    git_dir, own = Path(found), marker / ".git"
    # Older versions of git lack safe.bareRepository, and all versions skip a broken `.git`.
    if not own.is_file() and not (own.is_dir() and own.samefile(git_dir)):
        _refuse_half(marker, f"git uses {shown(git_dir)} as the repository instead")
        return None
    if not marker.samefile(top):
        return None  # core.worktree: its files are elsewhere
    settings = read_settings(git, marker, git_dir)
    return Checkout(git, marker, git_dir, (marker / objects).resolve(), algorithm, settings)


def _is_unknown(reply: Reply) -> bool:
    return any(text in reply.err for text in ("not a git repository", "cannot use bare repository"))


def _refuse_half(marker: Path, reason: str) -> None:
    """Raise SourceError for a damaged or incomplete repository."""
    git = marker / ".git"
    if git.is_file() or any((git / part).exists() for part in ("HEAD", "objects", "refs")):
        raise SourceError(
            "git-broken",
            f"{shown(marker)} has a .git that git cannot read: {reason}",
            "clone it again, or remove .git to continue without Git",
        )


def _exists(path: Path) -> bool:
    try:
        return os.path.lexists(path)
    except (OSError, ValueError):
        return False
