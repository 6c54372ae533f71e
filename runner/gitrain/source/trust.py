"""Which folders of other users the user trusts: those that git may read, `safe.directory`."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from gitrain.source.checkout import nearest_marker
from gitrain.source.errors import SourceError
from gitrain.source.git import Git

_OWN = ("system", "global", "command")


def repository_top(folder: Path) -> Path:
    """What `safe.directory` would name for a folder: the top of its repository, else itself."""
    return nearest_marker(folder) or folder


def is_trusted(folder: Path) -> bool:
    """Whether the user's own settings name a folder, or the repository that it is in."""
    listed: list[str] = []
    with suppress(SourceError):  # without git nothing is listed
        words = ("--show-scope", "-z", "--type=path", "--get-all", "safe.directory")
        reply = Git(Path("/")).ask("config", *words)
        found = os.fsdecode(reply.out).split("\0")[:-1] if reply.status == 0 else []
        for scope, value in zip(found[::2], found[1::2], strict=True):
            if scope in _OWN:
                # An empty one takes back all before it.
                listed = [*listed, value] if value else []
    places = {folder, repository_top(folder)}
    return any(_names(value, place) for value in listed for place in places)


def _names(value: str, place: Path) -> bool:
    if value == "*":
        return True
    if value.endswith("/*"):
        return place != Path(value[:-2]) and place.is_relative_to(value[:-2])
    return place == Path(value)
