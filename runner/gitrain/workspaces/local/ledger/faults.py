"""What SQLite's and the system's errors mean to a person, and how to recover."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import msgspec

from gitrain.errors import UnavailableError, WorkspaceError

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)

FREE_SPACE = "free some space, then try again: what is recorded so far is safe"
WRITABLE = "make it writable, or set `path` of the local workspace in gitrain.yaml"


def damaged(error: Exception) -> bool:
    """Whether the ledger's file is not what we wrote, so that it is to be rebuilt."""
    if isinstance(error, sqlite3.Error):
        # The Python module itself raises some errors, and those have no code.
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED
    return isinstance(error, msgspec.MsgspecError)


def refusal(error: Exception, folder: Path) -> WorkspaceError:
    """The error for a person: what happened where, and the way out."""
    if isinstance(error, sqlite3.Error):
        return _from_sqlite(error, folder)
    if isinstance(error, OSError):
        return _from_system(error, folder)
    return WorkspaceError(f"cannot read {folder}: {error}")


def _from_sqlite(error: sqlite3.Error, folder: Path) -> WorkspaceError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return WorkspaceError(f"cannot use the ledger in {folder} ({error}): {FREE_SPACE}")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return WorkspaceError(f"cannot use the ledger in {folder} ({error}): {WRITABLE}")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return UnavailableError(f"the ledger in {folder} is in use by another process: try again")
    return WorkspaceError(
        f"the ledger in {folder} is damaged ({error}): delete ledger.db*, "
        "it is rebuilt from the run folders"
    )


def _from_system(error: OSError, folder: Path) -> WorkspaceError:
    what = f"cannot use {error.filename or folder}: {error.strerror or error}"
    if error.errno in _FULL:
        return WorkspaceError(f"{what}: {FREE_SPACE}")
    if error.errno in _FORBIDDEN:
        return WorkspaceError(f"{what}: {WRITABLE}")
    return WorkspaceError(what)
