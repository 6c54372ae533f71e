"""Whose a file is. What someone else put on a shared machine may be a trap: it would run as us."""

from __future__ import annotations

import os
import pwd
from pathlib import Path


def stranger(path: Path) -> str:
    """The name of the owner of what is at `path`, if that is neither us nor root; else empty.

    Of a link, both it and what it leads to count. Raises OSError when there is nothing.
    """
    for status in (path.lstat(), path.stat()):
        if status.st_uid not in _trusted():
            return _name(status.st_uid)
    return ""


def _trusted() -> set[int]:
    us = os.geteuid()
    # As git has it: `sudo` in one's own folder is no other user's doing.
    sudo = os.environ.get("SUDO_UID", "") if us == 0 else ""
    return {0, us, *([int(sudo)] if sudo.isdecimal() else [])}


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
