"""Whose a folder is: what others on this machine put somewhere is not run as us."""

from __future__ import annotations

import os
from pathlib import Path

from gitrain.source.errors import SourceError
from gitrain.source.git import Git


def is_ours(*places: Path) -> bool:
    """Whether all of these belong to us, to root, or to whoever became root by sudo."""
    ours = {0, os.geteuid()}
    if os.geteuid() == 0 and (behind := os.environ.get("SUDO_UID", "")).isdecimal():
        ours.add(int(behind))
    return all(place.lstat().st_uid in ours for place in places)


def is_safe(folder: Path) -> bool:
    """Whether the user told Git, in settings that no repository can change, to trust this folder or
    one that holds it: `safe.directory`."""
    try:
        # Asked where no repository can answer.
        git = Git(Path("/")).given(GIT_DIR=os.devnull)
        listed = git.ask("config", "--get-all", "safe.directory").text.splitlines()
    except SourceError:
        return False
    places = {str(place) for place in (folder, *folder.parents)}
    return any(one == "*" or one.removesuffix("/*").rstrip("/") in places for one in listed)
