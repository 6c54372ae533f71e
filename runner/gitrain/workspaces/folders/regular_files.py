"""Files that a run left, opened only where they are regular files below its folder.

Whatever runs may put anything there: a FIFO that nobody writes to, a link to a device or to a
file of its owner's, a folder. Nothing here waits for any of them, or follows a link out.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from gitrain.errors import WorkspaceError

# Of the files that gitrain itself keeps in a run's folder: a thousand times what they take.
RECORD_LIMIT = 64 << 20
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_STEP = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_PLAIN = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class UnfitFileError(WorkspaceError):
    """What is there is not a file to read: the message names it and says what it is."""


@contextmanager
def opened(root: Path, name: str) -> Iterator[BinaryIO]:
    """A regular file below the folder `root`, for reading. Links inside `root` are followed.

    Raises FileNotFoundError when it does not exist, and UnfitFileError when it leads out of
    `root`, or is anything but a regular file. `root` itself is one name in a folder of ours.
    """
    inside = Path(os.path.realpath(root.parent), root.name)
    found = Path(os.path.realpath(inside / name))
    if not found.is_relative_to(inside):
        raise UnfitFileError(f"{name} is a link that leads out of the run's folder")
    below = found.relative_to(inside.parent)
    with open(_descriptor(inside.parent, below, name), "rb") as file:
        yield file


def read(root: Path, name: str, most: int = RECORD_LIMIT) -> bytes:
    """The whole of such a file; at most `most` bytes, or UnfitFileError."""
    with opened(root, name) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise UnfitFileError(f"{name} is larger than {most >> 20} MiB")
    return content


def append_to(path: Path) -> BinaryIO:
    """A regular file, made if need be, to append to. Raises UnfitFileError, or OSError."""
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _PLAIN, 0o644)
    try:
        _check(os.fstat(fd).st_mode, path.name)
    except BaseException:
        os.close(fd)
        raise
    return os.fdopen(fd, "ab")


def _descriptor(top: Path, path: Path, name: str) -> int:
    """Opened name by name, so that no folder on the way can become a link meanwhile."""
    at = os.open(top, _STEP)
    try:
        for part in path.parts[:-1]:
            below = os.open(part, _STEP, dir_fd=at)
            os.close(at)
            at = below
        return _regular(path.name, at, name)
    finally:
        with suppress(OSError):
            os.close(at)


def _regular(last: str, at: int, name: str) -> int:
    # Asked first, as opening a device may do something; and again of what was opened.
    _check(os.stat(last, dir_fd=at, follow_symlinks=False).st_mode, name)
    fd = os.open(last, os.O_RDONLY | _PLAIN, dir_fd=at)
    try:
        _check(os.fstat(fd).st_mode, name)
    except BaseException:
        os.close(fd)
        raise
    return fd


def _check(mode: int, name: str) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "something else")
        raise UnfitFileError(f"{name} is {kind}, not a regular file")
