"""Files that are whole or not there: for a reader, after a crash, and with several writers."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import BinaryIO


def write_bytes(path: Path, content: bytes) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_json(path: Path, value: object) -> None:
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False, default=str)
    write_bytes(path, f"{text}\n".encode())


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write, which replaces `path` in one step when the block ends without an error.

    After a crash `path` has the old content or the new. Each writer has a file of its own, so that
    of several at once the last one wins.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_torn(path.parent, path.name)
    with _claim(path) as file:
        temporary = Path(file.name)
        try:
            yield temporary
            os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def remove_torn(folder: Path, start: str) -> None:
    """Remove what killed processes left of files whose names begin with `start`."""
    for path in folder.glob(f".{start}*.tmp"):
        # Either its writer holds the lock, or another process has just removed it.
        with suppress(OSError), path.open("rb") as file:
            flock(file, LOCK_EX | LOCK_NB)
            path.unlink()


def _claim(path: Path) -> BinaryIO:
    """A new file next to `path`, with a lock on it that lasts as long as its writer."""
    while True:
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
        file = temporary.open("xb")
        with suppress(OSError):  # A file system without locks: remove_torn removes nothing there.
            flock(file, LOCK_EX)
        if os.fstat(file.fileno()).st_nlink:
            return file
        file.close()  # remove_torn came between opening and locking.
