"""Git's tree objects: their ids, computed from a list of files, and a small store of them.

A tree that has left-out files, or was never committed, is in no repository. Its tree objects (a
few hundred bytes a folder, never the files themselves) are kept in a store in Git's own format, so
that a later plan can still say which files differ.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from gitrain.atomic import write_atomically

FILE = b"100644"
EXECUTABLE = b"100755"
LINK = b"120000"
FOLDER = b"40000"
SUBMODULE = b"160000"


class Entry(NamedTuple):
    """A file of a tree: its path relative to the tree, its mode as Git writes it, its blob's id."""

    path: bytes
    mode: bytes
    oid: str


class Tree(NamedTuple):
    """A tree's id and all its files, sorted by path."""

    id: str
    entries: tuple[Entry, ...]


def object_id(kind: str, body: bytes, algorithm: str) -> str:
    """The id that Git gives to an object; `algorithm` is sha1 or sha256."""
    digest = hashlib.new(algorithm, f"{kind} {len(body)}\0".encode(), usedforsecurity=False)
    digest.update(body)
    return digest.hexdigest()


def make_tree(entries: Iterable[Entry], algorithm: str) -> Tree:
    """The tree of these files, in any order."""
    ordered = tuple(sorted(entries))
    root, _ = tree_objects(ordered, algorithm)
    return Tree(root, ordered)


def tree_objects(entries: Sequence[Entry], algorithm: str) -> tuple[str, dict[str, bytes]]:
    """The id of the tree of these files, and the body of every tree object in it, by id."""
    # (name to sort by, record); Git sorts a folder as if its name ended with a slash.
    folders: defaultdict[bytes, list[tuple[bytes, bytes]]] = defaultdict(list)
    folders[b""] = []
    for path, mode, oid in entries:
        parent, _, name = path.rpartition(b"/")
        folders[parent].append((name, _record(mode, name, oid)))
        while parent and (parent := parent.rpartition(b"/")[0]) not in folders:
            folders[parent] = []
    bodies: dict[str, bytes] = {}
    root = ""
    for folder in sorted(folders, key=_depth, reverse=True):
        body = b"".join(record for _, record in sorted(folders[folder]))
        root = object_id("tree", body, algorithm)
        bodies[root] = body
        if folder:
            parent, _, name = folder.rpartition(b"/")
            folders[parent].append((name + b"/", _record(FOLDER, name, root)))
    return root, bodies


def _record(mode: bytes, name: bytes, oid: str) -> bytes:
    return mode + b" " + name + b"\0" + bytes.fromhex(oid)


def _depth(folder: bytes) -> int:
    return folder.count(b"/") + 1 if folder else 0


class TreeStore:
    """Tree objects in one folder, in the format of `.git/objects`; read by git as an alternate."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, bodies: dict[str, bytes]) -> None:
        """Add tree objects; those that are there already stay as they are."""
        for oid, body in bodies.items():
            path = self.folder / oid[:2] / oid[2:]
            if path.exists():
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, zlib.compress(b"tree %d\0" % len(body) + body, 1), sync=False)

    def read(self, oid: str) -> bytes | None:
        """The body of a tree object, or None when the store lacks it or it is damaged."""
        try:
            content = zlib.decompress((self.folder / oid[:2] / oid[2:]).read_bytes())
        except (OSError, zlib.error):
            return None
        return content.partition(b"\0")[2]


def changed_paths(old: str, new: str, stores: Sequence[TreeStore]) -> Iterator[bytes]:
    """The files that differ between two trees, in order.

    Raises LookupError when the stores lack a tree object that is needed.
    """
    if old == new:
        return
    before, after = _children(old, stores), _children(new, stores)
    for name in sorted({*before, *after}):
        yield from _changed_under(name, before.get(name), after.get(name), stores)


def _changed_under(
    name: bytes,
    old: tuple[bytes, str] | None,
    new: tuple[bytes, str] | None,
    stores: Sequence[TreeStore],
) -> Iterator[bytes]:
    if old == new:
        return
    folders = [side[1] if side and side[0] == FOLDER else "" for side in (old, new)]
    if any(side and side[0] != FOLDER for side in (old, new)):
        yield name
    if any(folders):
        for path in changed_paths(folders[0], folders[1], stores):
            yield name + b"/" + path


def _children(oid: str, stores: Sequence[TreeStore]) -> dict[bytes, tuple[bytes, str]]:
    if not oid:
        return {}
    body = next((body for store in stores if (body := store.read(oid)) is not None), None)
    if body is None:
        raise LookupError(oid)
    width = len(oid) // 2
    children = {}
    while body:
        mode, _, rest = body.partition(b" ")
        name, _, rest = rest.partition(b"\0")
        children[name] = (mode, rest[:width].hex())
        body = rest[width:]
    return children


def alternates(folders: Iterable[Path]) -> str:
    """The value of GIT_ALTERNATE_OBJECT_DIRECTORIES; quoted, for a path may hold a colon."""
    quoted = (os.fspath(folder).replace("\\", "\\\\").replace('"', '\\"') for folder in folders)
    return os.pathsep.join(f'"{folder}"' for folder in quoted)
