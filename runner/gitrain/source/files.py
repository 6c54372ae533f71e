"""A source folder without Git: the ids its files would have, computed here.

Git's own rules: `.gitignore` files in the folder, the executable bit, links as their text, line
ends as LF. Git's attributes and a user's own ignore file are not looked at.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gitrain.source.errors import SourceError, shown
from gitrain.source.ignore import Rules, Selection, ignored, read_rules
from gitrain.source.links import check_link
from gitrain.source.text import normalised
from gitrain.source.tree import EXECUTABLE, FILE, LINK, Entry, Tree, make_tree, object_id

ALGORITHM = "sha1"
# Git looks for line ends up to this size (core.bigFileThreshold); and it is what we hold in memory.
BIG = 512 << 20


class _Folder(NamedTuple):
    """`path` is relative to the source, with a slash at its end; `b""` is the source itself."""

    path: bytes
    ignore_files: tuple[tuple[bytes, Rules], ...]  # innermost first


def read_files(folder: Path, selection: Selection) -> Tree:
    """The tree of a folder that is in no repository; `folder` is absolute and without links."""
    return make_tree((_entry(folder, path) for path in _walk(folder, selection)), ALGORITHM)


def copy_files(folder: Path, tree: Tree, destination: Path) -> None:
    """Write a tree's files, as Git would check them out, into an existing empty folder.

    What was written is hashed again: raises SourceError when the folder is not that tree any more.
    """
    for path, mode, _ in tree.entries:
        goal = destination / os.fsdecode(path)
        goal.parent.mkdir(parents=True, exist_ok=True)
        try:
            _copy(folder / os.fsdecode(path), goal, mode)
        except OSError as error:
            raise changed(folder) from error
    written = (_entry(destination, entry.path) for entry in tree.entries)
    if make_tree(written, ALGORITHM) != tree:
        raise changed(folder)


def changed(folder: Path) -> SourceError:
    return SourceError(
        "source-changed", f"{folder} changed while gitrain was at work", "plan again"
    )


def nested(folder: Path, path: bytes) -> SourceError:
    return SourceError(
        "nested-repository",
        f"{shown(path)} in {folder} is a repository of its own: its files would not be shipped",
        "make it a submodule, or ignore it",
    )


def unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(
        "unreadable", f"cannot read {path}: {error.strerror}", "make it readable, or ignore it"
    )


def _walk(base: Path, selection: Selection) -> Iterator[bytes]:
    """The relative paths of all files and links of the source; pipes and devices are none."""
    pending = [_Folder(b"", ())]
    while pending:
        here = pending.pop()
        place = base / os.fsdecode(here.path)
        rules = read_rules(place / ".gitignore")
        ignore_files = ((here.path, rules), *here.ignore_files) if rules else here.ignore_files
        for item in _list(place):
            path = here.path + os.fsencode(item.name)
            is_folder = item.is_dir(follow_symlinks=False)
            if item.name == ".git" or ignored(ignore_files, path, is_folder=is_folder):
                continue
            if not selection.keeps(path + b"/" if is_folder else path):
                continue
            if is_folder:
                if _is_repository(Path(item.path)):
                    raise nested(base, path)
                pending.append(_Folder(path + b"/", ignore_files))
            elif item.is_file() or item.is_symlink():
                yield path


def _list(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as items:
            return list(items)
    except OSError as error:
        raise unreadable(folder, error) from error


def _is_repository(folder: Path) -> bool:
    try:
        return (folder / ".git").is_file() or (folder / ".git" / "HEAD").is_file()
    except OSError:  # listing it says why, unless it is left out
        return False


def _entry(base: Path, path: bytes) -> Entry:
    place = base / os.fsdecode(path)
    try:
        status = place.lstat()
        if stat.S_ISLNK(status.st_mode):
            target = os.fsencode(place.readlink())
            check_link(base, path, target)
            return Entry(path, LINK, object_id("blob", target, ALGORITHM))
        mode = EXECUTABLE if status.st_mode & stat.S_IXUSR else FILE
        if status.st_size > BIG:
            return Entry(path, mode, _big_blob(place, status.st_size))
        return Entry(path, mode, object_id("blob", normalised(place.read_bytes()), ALGORITHM))
    except OSError as error:
        raise unreadable(place, error) from error


def _copy(place: Path, goal: Path, mode: bytes) -> None:
    if mode == LINK:
        goal.symlink_to(place.readlink())
    elif place.lstat().st_size > BIG:
        shutil.copyfile(place, goal, follow_symlinks=False)
    else:
        goal.write_bytes(normalised(place.read_bytes()))
    if mode == EXECUTABLE:
        readable = goal.stat().st_mode
        goal.chmod(readable | (readable & 0o444) >> 2)


def _big_blob(place: Path, size: int) -> str:
    digest = hashlib.new(ALGORITHM, b"blob %d\0" % size, usedforsecurity=False)
    with place.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
