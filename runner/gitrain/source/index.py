"""A throw-away copy of a repository's index: what a commit made now would hold.

Only Git's index knows without reading them which files have not changed. New contents go to a
throw-away object folder that has the repository's own as its alternate, so that the repository
stays as it is.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from gitrain.source.errors import SourceError, shown
from gitrain.source.files import changed, nested
from gitrain.source.filters import check_filters
from gitrain.source.git import Checkout, Git, failure, find_checkout
from gitrain.source.ignore import Selection
from gitrain.source.links import check_link
from gitrain.source.tree import LINK, SUBMODULE, Entry, Tree, alternates, make_tree


class Index:
    """The files of one repository, as they are now; they are looked at once for each folder."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        self._folder = Path(tempfile.mkdtemp(prefix="gitrain-"))
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        (self._folder / "objects").mkdir()
        self._git = checkout.git.given(
            GIT_OBJECT_DIRECTORY=str(self._folder / "objects"),
            GIT_ALTERNATE_OBJECT_DIRECTORIES=alternates([checkout.objects]),
        )
        self._now = self._git.given(GIT_INDEX_FILE=str(self._folder / "index"))
        if checkout.index.exists():
            # With its time: Git looks closer at files that are as new as the index.
            shutil.copy2(checkout.index, self._folder / "index")

    def read(self, selections: Mapping[Path, Selection]) -> dict[Path, Tree]:
        """The trees of folders of the work tree; they are absolute and without links."""
        prefixes = {folder: self._prefix(folder) for folder in selections}
        where = [os.fsdecode(prefix) or "." for prefix in prefixes.values()]
        self._change("add", "-u", "--", *where)
        known, new = self._list(where)
        wanted = {
            prefix + path
            for folder, prefix in prefixes.items()
            for path in _below(prefix, new)
            if self._is_wanted(folder, path, selections[folder])
        }
        if wanted:
            names = b"".join(path + b"\0" for path in sorted(wanted))
            self._change("update-index", "--add", "--replace", "-z", "--stdin", stdin=names)
            known, _ = self._list(where)
        trees, paths = {}, sorted(known)
        for folder, prefix in prefixes.items():
            keeps = selections[folder].keeps
            entries = [
                Entry(path, *known[prefix + path]) for path in _below(prefix, paths) if keeps(path)
            ]
            self._check(folder, entries)
            trees[folder] = make_tree(entries, self.checkout.algorithm)
        return trees

    def has_tree(self, tree: str) -> bool:
        """Whether the repository itself has a tree."""
        return self.checkout.git.ask("cat-file", "-e", f"{tree}^{{tree}}").status == 0

    def _prefix(self, folder: Path) -> bytes:
        relative = os.fsencode(folder.relative_to(self.checkout.root))
        return b"" if relative == b"." else relative + b"/"

    def _change(self, *arguments: str, stdin: bytes = b"") -> None:
        reply = self._now.ask(*arguments, stdin=stdin)
        if reply.status:
            raise failure(f"git {arguments[0]}", self.checkout.root, reply)

    def _list(self, where: Sequence[str]) -> tuple[dict[bytes, tuple[bytes, str]], list[bytes]]:
        """What the index has below these folders, mode and blob by path, and what it could have."""
        arguments = ("ls-files", "-t", "-s", "-o", "--exclude-standard", "-z", "--")
        reply = self._now.ask(*arguments, *where)
        if reply.status or "could not open directory" in reply.err:
            raise failure("git ls-files", self.checkout.root, reply)
        known, new = {}, []
        for line in reply.out.split(b"\0")[:-1]:
            if line.startswith(b"? "):
                new.append(line[2:])
            else:
                facts, _, path = line.partition(b"\t")
                _, mode, oid, _ = facts.split(b" ")
                known[path] = (mode, oid.decode())
        return known, sorted(new)

    def _is_wanted(self, folder: Path, path: bytes, selection: Selection) -> bool:
        # Git names a repository inside this one by its folder: its files are nobody's.
        wanted = selection.keeps(path)
        if wanted and path.endswith(b"/"):
            raise nested(folder, path[:-1])
        return wanted

    def _check(self, folder: Path, entries: Sequence[Entry]) -> None:
        for path, mode, oid in entries:
            if mode == LINK:
                check_link(folder, path, self._target(folder, path, oid))
            elif mode == SUBMODULE:
                _check_submodule(folder, path)
        check_filters(self.checkout, folder, entries)

    def _target(self, folder: Path, path: bytes, oid: str) -> bytes:
        try:
            return os.fsencode((folder / os.fsdecode(path)).readlink())
        except OSError:  # a sparse checkout has it in the index alone
            return self._git.run("cat-file", "blob", oid)

    def write(self, folder: Path, tree: Tree, destination: Path) -> None:
        """Write a tree that `read` returned into an existing empty folder; filters are applied.

        It is written from the objects, so it is that tree even when the folder has changed since.
        """
        prefix = self._prefix(folder)
        _check_out(self._git, self._folder / "staged", prefix, tree.entries, destination)
        for path, mode, oid in tree.entries:
            if mode == SUBMODULE:
                _write_submodule(folder / os.fsdecode(path), oid, destination / os.fsdecode(path))


def _check_out(
    git: Git, index: Path, prefix: bytes, entries: Iterable[Entry], destination: Path
) -> None:
    lines = (b"%s %s\t%s%s\0" % (mode, oid.encode(), prefix, path) for path, mode, oid in entries)
    index.unlink(missing_ok=True)
    git = git.given(GIT_INDEX_FILE=str(index))
    git.run("update-index", "-z", "--index-info", stdin=b"".join(lines))
    # Under their full names, for .gitattributes of the folders above hold for them, too.
    with tempfile.TemporaryDirectory(dir=destination.parent) as place:
        reply = git.ask("checkout-index", "--all", f"--prefix={place}/")
        if reply.status:
            raise failure("git checkout-index", git.folder, reply)
        written = Path(place) / os.fsdecode(prefix)
        written.replace(destination)


def _check_submodule(folder: Path, path: bytes) -> None:
    """Refuse a submodule that is not exactly its commit: the tree's id does not see its files."""
    place = folder / os.fsdecode(path)
    checkout = find_checkout(place)
    if checkout is None or checkout.root != place:
        raise SourceError(
            "submodule-missing",
            f"the submodule {shown(path)} in {folder} is not checked out",
            "git submodule update --init --recursive",
        )
    if checkout.git.run("status", "--porcelain", "-z"):
        raise SourceError(
            "submodule-dirty",
            f"the submodule {shown(path)} in {folder} has changes that are not committed",
            "commit them in the submodule, or discard them",
        )


def _write_submodule(place: Path, commit: str, destination: Path) -> None:
    checkout = find_checkout(place)
    if checkout is None:
        raise changed(place)
    listing = checkout.git.run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]
    entries = []
    for line in listing:
        facts, _, path = line.partition(b"\t")
        mode, _, oid = facts.split(b" ")
        entries.append(Entry(path, mode, oid.decode()))
    index = Index(checkout)
    index.write(place, Tree(commit, tuple(entries)), destination)


def _below(prefix: bytes, paths: Sequence[bytes]) -> Iterator[bytes]:
    """The paths below a folder, relative to it; `paths` are sorted, and so are they."""
    first = bisect_left(paths, prefix)
    # "0" follows "/": the first path that is not below the folder any more.
    last = bisect_left(paths, prefix[:-1] + b"0") if prefix else len(paths)
    return (path[len(prefix) :] for path in paths[first:last])
