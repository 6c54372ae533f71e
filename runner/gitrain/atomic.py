"""Files that are written completely or not at all, even after a crash or on a full disk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(path: Path, *, sync: bool = True) -> Iterator[Path]:
    """A new file next to `path` to write to; it replaces `path` once it is complete.

    `sync`: only once it is on the disk, for what must survive a power failure.
    """
    temporary = path.with_name(f".{path.name[:100]}.{os.urandom(4).hex()}")
    try:
        yield temporary
        if sync:
            _sync(temporary)
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    if sync:
        _sync(path.parent)


def write_atomically(path: Path, content: bytes, *, sync: bool = True) -> None:
    """Replace a file so that readers, even after a crash, see either all of it or the old one."""
    with replacing(path, sync=sync) as temporary, temporary.open("xb") as file:
        file.write(content)


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
