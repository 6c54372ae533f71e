"""Which repository a folder is in: the one whose `.git` stands in it or above, and no other."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from gitrain.source.errors import SourceError, shown
from gitrain.source.git import Git, Reply, failure
from gitrain.source.settings import Settings, read_settings

_THEN = "--then"  # rev-parse repeats a flag that it does not know; a path may hold a line feed


class Checkout(msgspec.Struct, frozen=True):
    """A work tree, its index and its objects; `algorithm` is sha1 or sha256.

    `managed` is false for a folder in no repository, which git reads by a throw-away one.
    """

    git: Git
    root: Path
    git_dir: Path
    objects: Path
    algorithm: str
    settings: Settings = Settings({})
    managed: bool = True


def find_checkout(folder: Path) -> Checkout | None:
    """The repository whose work tree holds `folder`, an existing one; None without Git.

    Raises SourceError when there is one that git cannot or will not read, or when its settings
    run what a branch says.
    """
    # Asked at its own top, git finds a `.git` before anything in the work tree that looks like a
    # repository (a branch can bring that). Without a `.git` git need not even be installed.
    for marker in _markers(folder):
        if checkout := _checkout_at(marker):
            return None if folder.is_relative_to(checkout.git_dir) else checkout
    return None


def outside_git(folder: Path, git_dir: Path) -> Checkout:
    """A folder in no repository, as the work tree of the throw-away repository `git_dir`."""
    git = Git(folder).given(GIT_DIR=str(git_dir), GIT_WORK_TREE=str(folder), GIT_ATTR_NOSYSTEM="1")
    return Checkout(git, folder, git_dir, git_dir / "objects", "sha1", managed=False)


def make_repository(place: Path) -> Path:
    """A throw-away repository in an existing folder; its `.git`.

    In it, nothing that only this user or this machine has decides what a folder holds.
    """
    Git(place).run("init", "--quiet", "--template=", "--object-format=sha1")
    git_dir = place / ".git"
    with (git_dir / "config").open("a") as config:
        config.write("[core]\n\texcludesFile = /dev/null\n\tattributesFile = /dev/null\n")
    (git_dir / "info").mkdir(exist_ok=True)
    (git_dir / "info" / "attributes").write_text("* -filter\n")
    return git_dir


def nearest_marker(folder: Path) -> Path | None:
    """The nearest folder, this one or above, that has a `.git`: folders that share it share its
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
    # Older versions of git know no safe.bareRepository, and all pass over a `.git` that is broken.
    if not own.is_file() and not (own.is_dir() and own.samefile(git_dir)):
        _refuse_half(marker, f"git takes {shown(git_dir)} for the repository")
        return None
    if not marker.samefile(top):
        return None  # core.worktree: its files are elsewhere
    settings = read_settings(git, marker, git_dir)
    return Checkout(git, marker, git_dir, (marker / objects).resolve(), algorithm, settings)


def _is_unknown(reply: Reply) -> bool:
    return any(text in reply.err for text in ("not a git repository", "cannot use bare repository"))


def _refuse_half(marker: Path, reason: str) -> None:
    """Raise SourceError for what is left of a repository, or half of one."""
    git = marker / ".git"
    if git.is_file() or any((git / part).exists() for part in ("HEAD", "objects", "refs")):
        raise SourceError(
            "git-broken",
            f"{shown(marker)} has a .git that git cannot read: {reason}",
            "clone it again, or remove .git to go on without Git",
        )


def _exists(path: Path) -> bool:
    try:
        return os.path.lexists(path)
    except (OSError, ValueError):
        return False
