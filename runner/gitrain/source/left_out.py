"""What is not source in a code folder: manifests, gitrain's own folder, `.amlignore`d files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from gitrain.source.errors import unreadable
from gitrain.source.git import MATCHING, Git, failure
from gitrain.source.patterns import bounded

OWN_FOLDER = b".gitrain"

Listings = Mapping[Path, Iterable[bytes]]
"""Paths by the folder that they are relative to; the path of a folder ends with a slash."""


class LeftOut:
    """Decides which files belong to the source."""

    def __init__(self, paths: Iterable[Path], make_repository: Callable[[], Path]) -> None:
        """`paths` are absolute; `make_repository` makes an empty one on first use.

        A path that is or contains the code folder has no effect on it: a job's code may be in the
        same folder as its manifest.
        """
        self._paths = tuple(paths)
        self._make_repository = make_repository

    def kept(self, listings: Listings) -> dict[Path, list[bytes]]:
        """The paths that belong to the source, in the same order.

        Raises SourceError if an `.amlignore` cannot be read.
        """
        kept = {folder: self._outside(folder, paths) for folder, paths in listings.items()}
        rules = {folder: text for folder in kept if (text := _read(folder / ".amlignore"))}
        if not rules:
            return kept
        ignored = self._ignored({folder: kept[folder] for folder in rules}, rules)
        return kept | {
            folder: [path for path in kept[folder] if path not in ignored[folder]]
            for folder in rules
        }

    def _outside(self, folder: Path, paths: Iterable[bytes]) -> list[bytes]:
        inside = (path.relative_to(folder) for path in self._paths if folder in path.parents)
        left_out = tuple(os.fsencode(path) + b"/" for path in inside)
        return [
            path
            for path in paths
            if not (path + b"/").startswith(left_out)
            and (OWN_FOLDER not in path or OWN_FOLDER not in path.split(b"/"))
        ]

    def _ignored(self, listings: Listings, rules: Mapping[Path, bytes]) -> dict[Path, set[bytes]]:
        """What git would ignore if each `.amlignore` were the only `.gitignore` in its folder."""
        ignored: dict[Path, set[bytes]] = {folder: set() for folder in listings}
        asked: dict[bytes, tuple[Path, bytes]] = {}
        with tempfile.TemporaryDirectory(prefix="gitrain-") as top:
            for number, (folder, paths) in enumerate(listings.items()):
                place = Path(top, str(number))
                place.mkdir()
                (place / ".gitignore").write_bytes(rules[folder])
                for path in paths:
                    asked[b"%d/%s" % (number, path)] = (folder, path)
                    if path.endswith(b"/"):  # git checks whether it is a folder
                        (place / os.fsdecode(path)).mkdir(parents=True, exist_ok=True)
            git = Git(Path(top)).given(
                GIT_DIR=str(self._make_repository()),
                GIT_WORK_TREE=top,
                GIT_LITERAL_PATHSPECS="0",  # it takes names literally, and rejects this variable
            )
            names = b"".join(path + b"\0" for path in asked)
            words = ("check-ignore", "--no-index", "-z", "--stdin")
            reply = git.ask(*words, stdin=names, timeout=MATCHING)
        if reply.status not in (0, 1):  # 1: nothing is ignored
            raise failure("git check-ignore", next(iter(listings)), reply)
        for line in reply.out.split(b"\0")[:-1]:
            folder, path = asked[line]
            ignored[folder].add(path)
        return ignored


def _read(path: Path) -> bytes:
    """An ignore file; empty if missing or a link, which Git does not follow."""
    try:
        return b"" if path.is_symlink() or not path.is_file() else bounded(path, path.read_bytes())
    except OSError as error:
        raise unreadable(path, error) from error
