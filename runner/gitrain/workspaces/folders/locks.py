"""Advisory locks on files. The kernel drops them when the last holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A link in the place of a lock is followed nowhere.
_PLAIN = os.O_CLOEXEC | os.O_NOFOLLOW
_MADE = os.O_RDWR | os.O_CREAT | _PLAIN


class Lock:
    """An exclusive lock that is held. Processes that inherit `fd` hold it too."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def close(self) -> None:
        """Let go of it here; those who inherited it still hold it."""
        os.close(self.fd)

    def release(self) -> None:
        """Let go of it for everyone who inherited it: what they left running holds nothing up."""
        fcntl.flock(self.fd, fcntl.LOCK_UN)
        os.close(self.fd)


def try_lock(path: Path) -> Lock | None:
    """Take the lock, or None when someone holds it. Makes the file."""
    fd = os.open(path, _MADE, 0o600)
    try:
        while True:
            if _flock(fd, fcntl.LOCK_EX):
                return Lock(fd)
            if not _flock(fd, fcntl.LOCK_SH):
                os.close(fd)
                return None
            # Only those who look, as `held` does, share it: they are gone in an instant.
            fcntl.flock(fd, fcntl.LOCK_UN)
            time.sleep(0.001)
    except OSError:
        os.close(fd)
        raise


def held(path: Path) -> bool:
    """Whether someone holds the lock. Changes nothing, and any number may look at once."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | _PLAIN)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        return not _flock(fd, fcntl.LOCK_SH)
    finally:
        os.close(fd)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock for a moment, waiting for it as long as it takes. Makes the file."""
    fd = os.open(path, _MADE, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def _flock(fd: int, operation: int) -> bool:
    try:
        fcntl.flock(fd, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
