"""Trees: their content, their ids as git computes them, and how those of a dirty folder are kept.

A tree with left-out files, or one that was never committed, is not in the repository. Its tree
objects (a few hundred bytes per folder, never the files themselves) are kept, so that a later plan
can still say which files differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gitrain.source.checkout import Checkout
from gitrain.source.git import Git

LINK = b"120000"
SUBMODULE = b"160000"


class Entry(NamedTuple):
    """A file of a tree: its path relative to the tree, its mode as Git writes it, its blob's id."""

    path: bytes
    mode: bytes
    oid: str


Entries = tuple[Entry, ...]
"""All files of a tree, sorted by path."""


class Tree(NamedTuple):
    """A tree's id and its files."""

    id: str
    entries: Entries


def fill_index(git: Git, index: Path, entries: Mapping[bytes, Sequence[Entry]]) -> Git:
    """Git with a new index of these files; the key of each group is the prefix of its paths."""
    index.unlink(missing_ok=True)
    git = git.given(GIT_INDEX_FILE=str(index))
    lines = (
        b"%s %s\t%s%s\0" % (mode, oid.encode(), prefix, path)
        for prefix, group in entries.items()
        for path, mode, oid in group
    )
    git.run("update-index", "-z", "--index-info", stdin=b"".join(lines))
    return git


def make_trees(git: Git, index: Path, folders: Mapping[Path, Entries]) -> dict[Path, Tree]:
    """The trees of the files of several folders, none of them empty; git writes their objects.

    One index contains them all, each folder under its number: three commands for any number.
    """
    numbered = {b"%d/" % n: entries for n, entries in enumerate(folders.values())}
    git = fill_index(git, index, numbered)
    # The blobs may be missing, as in a partial clone or without Git.
    root = git.run("write-tree", "--missing-ok").decode().strip()
    ids = {}
    for line in git.run("ls-tree", "-z", root).split(b"\0")[:-1]:
        facts, _, number = line.partition(b"\t")
        ids[b"%s/" % number] = facts.split(b" ")[2].decode()
    return {
        folder: Tree(ids[number], entries)
        for (folder, entries), number in zip(folders.items(), numbered, strict=True)
    }


def keep_tree(checkout: Checkout, index: Path, tree: Tree, objects: Path) -> None:
    """Write all objects of a tree into an object folder, unless a commit has them."""
    if (objects / tree.id[:2] / tree.id[2:]).exists():
        return
    known = ("cat-file", "-e", f"{tree.id}^{{tree}}")
    if checkout.managed and checkout.git.ask(*known).status == 0:
        return
    objects.mkdir(parents=True, exist_ok=True)
    git = checkout.git.given(GIT_OBJECT_DIRECTORY=str(objects))
    fill_index(git, index, {b"": tree.entries}).run("write-tree", "--missing-ok")
