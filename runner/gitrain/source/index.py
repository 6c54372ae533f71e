"""A temporary copy of a repository's index: what a commit made now would contain.

Only Git's index knows which files have not changed without reading them. New contents go to a
temporary object folder with the repository's own as its alternate, so that the repository does not
change. A folder outside any repository starts with an empty index, and is only hashed.
"""

from __future__ import annotations

import os
import shutil
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gitrain.source.checkout import Checkout, find_checkout
from gitrain.source.errors import SourceError, shown
from gitrain.source.git import HASHING, MATCHING, Git, failure, quoted
from gitrain.source.left_out import LeftOut
from gitrain.source.lfs import check_lfs
from gitrain.source.links import check_link
from gitrain.source.patterns import refuse_endless
from gitrain.source.tree import LINK, SUBMODULE, Entries, Entry


class Index:
    """The files of one work tree, as they are now; `git` writes to the object folder `objects`."""

    def __init__(self, checkout: Checkout, scratch: Path) -> None:
        """`scratch` is an empty folder, which must exist as long as this object."""
        self.checkout = checkout
        self.scratch = scratch
        self.git, self.objects = checkout.git, checkout.objects
        own = checkout.git_dir / "index"
        if checkout.managed:
            self.objects = scratch / "objects"
            self.objects.mkdir()
            self.git = checkout.git.given(
                GIT_OBJECT_DIRECTORY=str(self.objects),
                GIT_ALTERNATE_OBJECT_DIRECTORIES=quoted([checkout.objects]),
            )
            if own.exists():
                # Keep its time: Git looks more closely at files that are as new as the index.
                shutil.copy2(own, scratch / "index")

    def read(self, folders: Iterable[Path], left_out: LeftOut) -> dict[Path, Entries]:
        """The files in folders of the work tree; `folders` are absolute and without links."""
        prefixes = {folder: self.prefix(folder) for folder in folders}
        where = [os.fsdecode(prefix) or "." for prefix in prefixes.values()]
        git = self.git.given(GIT_INDEX_FILE=str(self.scratch / "index"))
        if self.checkout.managed:
            git.run("add", "-u", "--", *where, timeout=HASHING)
        else:
            self._refuse_endless_patterns()
        known, new = list_files(git, where)
        paths = sorted({*known, *new})
        kept = left_out.kept({at: list(_below(prefix, paths)) for at, prefix in prefixes.items()})
        wanted = new.intersection(prefixes[at] + path for at in kept for path in kept[at])
        if wanted:
            self._refuse_repositories(wanted)
            add_files(git, wanted, *(() if self.checkout.managed else ("--info-only",)))
            known, _ = list_files(git, where)
        found = {
            at: tuple(
                Entry(path, *known[full])
                for path in paths
                if (full := prefixes[at] + path) in known
            )
            for at, paths in kept.items()
        }
        self._check(found)
        return found

    def prefix(self, folder: Path) -> bytes:
        """The prefix of the names of a folder's files in the index."""
        relative = os.fsencode(folder.relative_to(self.checkout.root))
        return b"" if relative == b"." else relative + b"/"

    def _refuse_endless_patterns(self) -> None:
        # In a repository every git command reads them, so its users would notice.
        git = self.git.given(GIT_LITERAL_PATHSPECS="0")
        named = (":(glob)**/.gitignore", ":(glob)**/.gitattributes")
        for name in git.run("ls-files", "-o", "-z", "--", *named).split(b"\0")[:-1]:
            file = self.checkout.root / os.fsdecode(name)
            if file.is_file() and not file.is_symlink():
                refuse_endless(file, file.read_bytes())

    def _refuse_repositories(self, new: Iterable[bytes]) -> None:
        # Git lists a nested repository only by its folder: its files belong to neither.
        for path in sorted(new):
            if path.endswith(b"/"):
                raise SourceError(
                    "nested-repository",
                    f"{shown(path[:-1])} in {shown(self.checkout.root)} is a separate repository: "
                    "its files would not be shipped",
                    "make it a submodule, or ignore it",
                )

    def _check(self, found: dict[Path, Entries]) -> None:
        for folder, entries in found.items():
            for path, mode, oid in entries:
                if mode == LINK:
                    check_link(folder, path, self._target(folder, path, oid))
                elif mode == SUBMODULE:
                    _check_submodule(folder, path)
        if self.checkout.managed:
            check_lfs(self.checkout, found)

    def _target(self, folder: Path, path: bytes, oid: str) -> bytes:
        try:
            return os.fsencode((folder / os.fsdecode(path)).readlink())
        except OSError:  # in a sparse checkout it is only in the index
            return self.git.run("cat-file", "blob", oid)


def list_files(git: Git, where: Sequence[str]) -> tuple[dict[bytes, tuple[bytes, str]], set[bytes]]:
    """The files of the index below these folders, mode and blob by path, and the untracked ones."""
    arguments = ("ls-files", "-t", "-s", "-o", "--exclude-standard", "-z", "--", *where)
    reply = git.ask(*arguments, timeout=MATCHING)
    if reply.status or "could not open directory" in reply.err:
        raise failure("git ls-files", git.folder, reply)
    known, new = {}, set()
    for line in reply.out.split(b"\0")[:-1]:
        if line.startswith(b"? "):
            new.add(line[2:])
        else:
            facts, _, path = line.partition(b"\t")
            _, mode, oid, _ = facts.split(b" ")
            known[path] = (mode, oid.decode())
    return known, new


def add_files(git: Git, paths: Iterable[bytes], *options: str) -> None:
    """Add files of the work tree to the index."""
    names = b"".join(path + b"\0" for path in sorted(paths))
    command = ("update-index", "--add", "--replace", *options, "-z", "--stdin")
    git.run(*command, stdin=names, timeout=HASHING)


def _check_submodule(folder: Path, path: bytes) -> None:
    """Refuse a submodule that differs from its commit: the tree's id does not cover its files."""
    place = folder / os.fsdecode(path)
    checkout = find_checkout(place)
    if checkout is None or checkout.root != place:
        raise SourceError(
            "submodule-missing",
            f"the submodule {shown(path)} in {shown(folder)} is not checked out",
            "git submodule update --init --recursive",
        )
    if checkout.git.run("status", "--porcelain", "-z", timeout=HASHING):
        raise SourceError(
            "submodule-dirty",
            f"the submodule {shown(path)} in {shown(folder)} has uncommitted changes",
            "commit them in the submodule, or discard them",
        )


def _below(prefix: bytes, paths: Sequence[bytes]) -> Iterator[bytes]:
    """The paths below a folder, relative to it and sorted, as `paths` must be."""
    first = bisect_left(paths, prefix)
    # "0" follows "/": the first path that is no longer below the folder.
    last = bisect_left(paths, prefix[:-1] + b"0") if prefix else len(paths)
    return (path[len(prefix) :] for path in paths[first:last])
