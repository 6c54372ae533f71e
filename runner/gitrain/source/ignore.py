"""What of a folder is no source: ignore files, paths to leave out, gitrain's own folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from gitrain.source.errors import SourceError
from gitrain.source.wildmatch import compile_name, compile_path

OWN_FOLDER = b".gitrain"


class Rule(NamedTuple):
    """One line of an ignore file; `names` says that it looks at a path's last name alone."""

    regex: re.Pattern[bytes]
    names: bool
    folders_only: bool
    ignores: bool


Rules = tuple[Rule, ...]


class Selection:
    """Which files of a folder belong to the source; all paths are relative to the folder."""

    def __init__(self, folder: Path, leave_out: Iterable[Path] = ()) -> None:
        """Read `.amlignore` in `folder`, an absolute path; so are those in `leave_out`.

        A path to leave out that is `folder` or holds it says nothing about it: a job's code may
        well lie beside its manifest.
        """
        inside = [path.relative_to(folder) for path in leave_out if folder in path.parents]
        self._left_out = frozenset(os.fsencode(path) for path in inside)
        self._rules = read_rules(folder / ".amlignore")
        self._folders: dict[bytes, bool] = {b"": True}

    def keeps(self, path: bytes) -> bool:
        """Whether a file belongs to the source.

        A folder's path ends with a slash; where one does not belong, nothing below it does.
        """
        bare = path.rstrip(b"/")
        parent, _, name = bare.rpartition(b"/")
        if parent not in self._folders:
            self._folders[parent] = self.keeps(parent + b"/")
        if not self._folders[parent] or name == OWN_FOLDER or bare in self._left_out:
            return False
        return not verdict(self._rules, bare, is_folder=path.endswith(b"/"))


def read_rules(path: Path) -> Rules:
    """The rules of an ignore file; none without one. A link is none: Git does not follow it.

    Raises SourceError when it cannot be read.
    """
    try:
        if path.is_symlink() or not path.is_file():
            return ()
        lines = path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except OSError as error:
        raise SourceError("unreadable", f"cannot read {path}: {error.strerror}") from error
    return tuple(rule for line in lines if (rule := _rule(line.removesuffix(b"\r"))) is not None)


def _rule(line: bytes) -> Rule | None:
    # Spaces at the end do not count, unless the first of them is escaped.
    escaped = re.fullmatch(rb"((?:[^\\ ]|\\.| +(?! *$))*) *", line, re.DOTALL)
    pattern = escaped[1] if escaped else line
    if not pattern or pattern.startswith(b"#"):
        return None
    ignores = not pattern.startswith(b"!")
    pattern = pattern if ignores else pattern[1:]
    folders_only = pattern.endswith(b"/")
    pattern = pattern[:-1] if folders_only else pattern
    if b"/" not in pattern:
        return Rule(compile_name(pattern), True, folders_only, ignores)
    return Rule(compile_path(pattern.removeprefix(b"/")), False, folders_only, ignores)


def verdict(rules: Rules, path: bytes, *, is_folder: bool) -> bool | None:
    """Whether the rules of one file ignore a path, relative to that file; None: they do not say.

    The folders that the path is in are known to be kept. The last rule that matches has its way.
    """
    name = path.rpartition(b"/")[2]
    for regex, names, folders_only, ignores in reversed(rules):
        if (is_folder or not folders_only) and regex.fullmatch(name if names else path):
            return ignores
    return None


def ignored(files: Iterable[tuple[bytes, Rules]], path: bytes, *, is_folder: bool) -> bool:
    """Whether ignore files leave out a path whose folder is kept.

    `files` are their rules by the folder they are in (`b""` or `b"sub/"`), innermost first: the
    first that says anything has its way.
    """
    for prefix, rules in files:
        said = verdict(rules, path[len(prefix) :], is_folder=is_folder)
        if said is not None:
            return said
    return False
