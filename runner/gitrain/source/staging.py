"""Writes a tree's files as Git checks them out, with filters and line ends by its attributes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from gitrain.source.checkout import find_checkout
from gitrain.source.errors import SourceError, changed
from gitrain.source.git import HASHING, failure
from gitrain.source.index import Index, add_files, list_files
from gitrain.source.tree import SUBMODULE, Entry, Tree, fill_index


def write_tree(index: Index, folder: Path, tree: Tree, destination: Path) -> None:
    """Write the tree of a folder of the index's work tree into an existing empty folder.

    In a repository it is written from the objects, so it is that tree even if the folder has since
    changed. Without Git, raises SourceError if the folder is no longer that tree.
    """
    if not index.checkout.managed:
        _take_in(index, folder, tree)
    prefix = index.prefix(folder)
    git = fill_index(index.git, index.scratch / "staged", {prefix: tree.entries})
    # Under their full names, because .gitattributes in the folders above apply to them, too.
    with tempfile.TemporaryDirectory(dir=destination.parent) as place:
        reply = git.ask("checkout-index", "--all", f"--prefix={place}/", timeout=HASHING)
        if reply.status:
            raise failure("git checkout-index", git.folder, reply)
        Path(place, os.fsdecode(prefix)).replace(destination)
    for path, mode, oid in tree.entries:
        if mode == SUBMODULE:
            name = os.fsdecode(path)
            _write_submodule(index.scratch, folder / name, oid, destination / name)


def _take_in(index: Index, folder: Path, tree: Tree) -> None:
    """Store the contents of a folder that was only hashed."""
    git = fill_index(index.git, index.scratch / "taken", {})
    try:
        add_files(git, (entry.path for entry in tree.entries))
        known, _ = list_files(git, ["."])
    except SourceError as error:
        raise changed(folder) from error
    if known != {entry.path: (entry.mode, entry.oid) for entry in tree.entries}:
        raise changed(folder)


def _write_submodule(scratch: Path, place: Path, commit: str, destination: Path) -> None:
    checkout = find_checkout(place)
    if checkout is None:
        raise changed(place)
    listing = checkout.git.run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]
    entries = []
    for line in listing:
        facts, _, path = line.partition(b"\t")
        mode, _, oid = facts.split(b" ")
        entries.append(Entry(path, mode, oid.decode()))
    index = Index(checkout, Path(tempfile.mkdtemp(dir=scratch)))
    write_tree(index, place, Tree(commit, tuple(entries)), destination)
