"""The YAML files below the project's `manifests`."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gitrain.errors import UsageError
from gitrain.load.boundary import outside
from gitrain.ownership import stranger
from gitrain.schema.finding import Finding

PROJECT_FILE = "gitrain.yaml"
_SUFFIXES = (".yaml", ".yml")
_REPEATED = re.compile(r"\*\*(?:/+\*\*)+")
# Each `**` searches the tree again for every folder that the previous one found, and each level
# takes a call on Python's stack.
_MOST_RECURSIVE, _DEEPEST = 2, 50


class ForeignProjectError(UsageError):
    """A project that belongs to neither us nor root, and that the user has not said to trust."""

    code = "foreign-owner"


def find_root(start: Path) -> Path:
    """The nearest folder, from `start` upwards, with a gitrain.yaml.

    Looks no further up than the top of a repository, or of a file system, as git does: what is
    above may be anybody's. Raises UsageError, also when what it finds is someone else's.
    """
    folder = start.resolve()
    for candidate in _upwards(folder):
        if (candidate / PROJECT_FILE).is_file():
            _check_owner(candidate)
            return candidate
    renamed = folder / "gitrain.yml"
    cure = f"rename {renamed.name}" if renamed.is_file() else "`gitrain init` creates one"
    raise UsageError(f"no {PROJECT_FILE} found in {folder} or above it: {cure}")


def _upwards(folder: Path) -> Iterator[Path]:
    device = folder.stat().st_dev if folder.exists() else None
    for candidate in (folder, *folder.parents):
        if device is not None and candidate.stat().st_dev != device:
            return
        yield candidate
        if os.path.lexists(candidate / ".git"):
            return


def _check_owner(root: Path) -> None:
    owner = stranger(root) or stranger(root / PROJECT_FILE)
    if not owner:
        return
    from gitrain.source.trust import is_trusted, repository_top  # rarely: it asks git

    if not is_trusted(root):
        cure = f"git config --global --add safe.directory {shlex.quote(str(repository_top(root)))}"
        raise ForeignProjectError(
            f"the project {root} belongs to {owner}, and its jobs would run as you; "
            f"if you trust it: {cure}"
        )


class Discovery:
    """Walks below the root of a project; follows links, but never twice and never out of it.

    A file reached through a link keeps its real name.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.findings: list[Finding] = []
        self._files: set[str] = set()
        self._seen: set[str] = set()

    def files(self, entries: Sequence[str]) -> list[str]:
        """The files below `entries`, relative to the root, with forward slashes, sorted."""
        for index, entry in enumerate(entries):
            with self._reading(entry, index):
                self._entry(entry, index)
        return sorted(self._files - {PROJECT_FILE})

    @contextmanager
    def _reading(self, path: str, index: int) -> Iterator[None]:
        """Report a file or folder that cannot be read, and continue with the others."""
        try:
            yield
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            self._find(
                index, "unreadable", f"cannot read `{path}`: {reason}", "check its permissions"
            )

    def _entry(self, entry: str, index: int) -> None:
        if Path(entry).is_absolute() or ".." in Path(entry).parts:
            self._outside(index, entry)
            return
        glob = any(character in entry for character in "*?[")
        entry = _REPEATED.sub("**", entry)
        if entry.count("**") > _MOST_RECURSIVE or entry.count("/") > _DEEPEST:
            message = f"`{entry}` has more than {_MOST_RECURSIVE} `**` or more than {_DEEPEST} `/`"
            self._find(index, "wrong-value", message, "name a folder: all files below it are read")
            return
        matches = self.root.glob(entry) if glob else [self.root / entry]
        existing = sorted(path for path in matches if path.exists())
        if not existing:
            what = "matches nothing" if glob else "does not exist"
            self._find(index, "missing-path", f"`{entry}` {what}", "create it, or remove the entry")
        for path in existing:
            if glob and any(part.startswith(".") for part in path.relative_to(self.root).parts):
                continue
            if path.is_dir():
                self._walk(str(path), index)
            elif path.name.endswith(_SUFFIXES):
                self._take(str(path), index, link=True)

    def _walk(self, folder: str, index: int) -> None:
        """Take all YAML below a folder, without recursion: a tree may be too deep for the stack."""
        pending = [folder]
        while pending:
            folder = pending.pop()
            real = os.path.realpath(folder)
            if why := outside(self.root, real):
                self._outside(index, self._relative(folder), why)
            elif real not in self._seen:
                self._seen.add(real)
                with self._reading(self._relative(real), index), os.scandir(real) as entries:
                    pending += self._visited(entries, index)

    def _visited(self, entries: Iterable[os.DirEntry[str]], index: int) -> Iterator[str]:
        """Take the files among `entries`, and yield the folders."""
        for entry in entries:
            if entry.name.startswith("."):
                continue
            with self._reading(self._relative(entry.path), index):
                if entry.is_dir():
                    yield entry.path
                elif entry.name.endswith(_SUFFIXES) and entry.is_file():
                    self._take(entry.path, index, link=entry.is_symlink())

    def _take(self, path: str, index: int, *, link: bool) -> None:
        real = os.path.realpath(path) if link else path
        if link and (why := outside(self.root, real)):
            self._outside(index, self._relative(path), why)
        else:
            self._files.add(self._relative(real))

    def _relative(self, path: str) -> str:
        return path[len(str(self.root)) :].lstrip(os.sep).replace(os.sep, "/")

    def _outside(self, index: int, path: str, why: str = "is outside the project") -> None:
        message = f"`{path}` {why}"
        self._find(index, "outside-project", message, "keep manifests below gitrain.yaml")

    def _find(self, index: int, code: str, message: str, cure: str) -> None:
        self.findings.append(Finding(("spec", "manifests", index), code, message, cure))
