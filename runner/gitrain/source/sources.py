"""The sources of a project's jobs: their identity, and the files that are shipped."""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import msgspec

from gitrain.source.checkout import (
    Checkout,
    find_checkout,
    make_repository,
    nearest_marker,
    outside_git,
)
from gitrain.source.errors import SourceError, changed, shown
from gitrain.source.git import Git, quoted
from gitrain.source.index import Index
from gitrain.source.left_out import OWN_FOLDER, LeftOut
from gitrain.source.repository import Repository
from gitrain.source.staging import write_tree
from gitrain.source.tree import Entries, Tree, keep_tree, make_trees

_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class _Snapshot(msgspec.Struct, frozen=True):
    tree: Tree
    index: Index


class Sources:
    """Code and build folders of one project; this object reads each only once."""

    def __init__(
        self, root: Path, leave_out: Iterable[str | Path] = (), objects: Path | None = None
    ) -> None:
        """`root` is the project's folder, which relative paths are relative to.

        `leave_out` are files and folders (the manifests) that are never source, wherever a source
        folder contains them. `objects` is a folder for the tree objects of what was shipped, for
        `changed_files`; it is created on first use.
        """
        self.root = root.resolve()
        self.repository = Repository(self.root)
        paths = [self.root / path for path in leave_out]
        self._left_out = LeftOut(paths, lambda: self._throw_away)
        self._objects = objects
        self._checkouts: dict[Path | None, Checkout | None] = {}
        self._indexes: dict[Path, Index] = {}
        self._places: dict[str | Path, Path] = {}
        self._snapshots: dict[Path, _Snapshot] = {}

    def prepare(self, folders: Iterable[str | Path]) -> None:
        """Read many folders at once, which is faster; `tree_id` reports what is wrong with one."""
        with suppress(SourceError):
            self._look([self._place(folder) for folder in dict.fromkeys(folders)])

    def tree_id(self, folder: str | Path) -> str:
        """The Git tree id that a folder would have if it were committed now.

        It covers tracked files, and untracked ones that are not ignored, except those that match
        `.amlignore` in the folder, `leave_out` and `.gitrain`. It is the same without Git, and
        changes nothing. Raises SourceError if the folder does not exist or is empty, a link leaves
        it, a file or a filter cannot be used, or a submodule has uncommitted changes.
        """
        return self._snapshot(self._place(folder)).tree.id

    def stage(self, folder: str | Path, tree: str, destination: Path) -> None:
        """Write the files of a folder whose `tree_id` is `tree` into `destination`, a new folder.

        It is created with all its files or not at all.
        Raises SourceError if the folder is no longer that tree, or if `destination` exists.
        """
        place = self._place(folder)
        if destination.exists():
            raise SourceError("destination-exists", f"{destination} already exists")
        snapshot = self._snapshot(place)
        if snapshot.tree.id != tree:
            raise changed(place)
        destination.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=destination.parent.resolve(), prefix=".staging-"
        ) as temporary:
            staged = Path(temporary) / "source"
            staged.mkdir()
            write_tree(snapshot.index, place, snapshot.tree, staged)
            staged.replace(destination)
        if self._objects is not None:
            index = snapshot.index
            keep_tree(index.checkout, index.scratch / "kept", snapshot.tree, self._objects)

    def changed_files(self, old: str, new: str) -> tuple[str, ...] | None:
        """The names of the files that differ between two trees, relative to their folder, sorted.

        None if one of the trees is no longer available.
        """
        # The ids come from a workspace: never pass them to git as a path or an option.
        if not (_OBJECT_ID.fullmatch(old) and _OBJECT_ID.fullmatch(new)):
            return None
        checkout = self.repository.checkout
        git = checkout.git if checkout else Git(self.root).given(GIT_DIR=str(self._throw_away))
        indexes = self._indexes.values()
        stores = [*(index.objects for index in indexes), *(i.checkout.objects for i in indexes)]
        stores += [self._objects] if self._objects else []
        git = git.given(
            GIT_ALTERNATE_OBJECT_DIRECTORIES=quoted(dict.fromkeys(stores)), GIT_NO_LAZY_FETCH="1"
        )
        reply = git.ask("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new, "--")
        if reply.status:
            return None
        names = reply.out.split(b"\0")[:-1]
        return tuple(name.decode("utf-8", "replace") for name in sorted(names))

    @cached_property
    def _scratch(self) -> Path:
        folder = tempfile.mkdtemp(prefix="gitrain-")
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    @cached_property
    def _throw_away(self) -> Path:
        """The repository with which git reads folders outside any repository."""
        place = self._scratch / "repository"
        place.mkdir(exist_ok=True)
        return make_repository(place)

    def _place(self, folder: str | Path) -> Path:
        if folder not in self._places:
            self._places[folder] = self._resolved(folder)
        return self._places[folder]

    def _resolved(self, folder: str | Path) -> Path:
        place = self.root / folder
        try:
            place = place.resolve()
            if not place.is_dir():
                what = "is not a folder" if place.exists() else "does not exist"
            elif ".git" in _below(nearest_marker(place), place):
                what = "belongs to Git and is not code"
            elif OWN_FOLDER.decode() in _below(self.root, place):
                what = "belongs to gitrain and is not code"
            else:
                return place
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links; a null byte
            what = f"cannot be read: {error}"
        raise SourceError("missing", f"the code folder {shown(place)} {what}")

    def _snapshot(self, place: Path) -> _Snapshot:
        if place not in self._snapshots:
            self._look([place])
        return self._snapshots[place]

    def _look(self, places: list[Path]) -> None:
        by_index: defaultdict[Index, list[Path]] = defaultdict(list)
        for place in places:
            by_index[self._index(place)].append(place)
        found: defaultdict[Path, dict[Path, Entries]] = defaultdict(dict)
        for index, group in by_index.items():
            found[index.objects] |= index.read(group, self._left_out)
        for files in found.values():
            for place, entries in files.items():
                if not entries:
                    raise SourceError(
                        "empty",
                        f"the code folder {shown(place)} is empty, or all its files are ignored",
                        "check .gitignore and .amlignore",
                    )
            index = self._index(next(iter(files)))
            for place, tree in make_trees(index.git, index.scratch / "trees", files).items():
                self._snapshots[place] = _Snapshot(tree, self._index(place))

    def _index(self, place: Path) -> Index:
        marker = nearest_marker(place)
        if marker not in self._checkouts:
            ours = marker == nearest_marker(self.root)
            self._checkouts[marker] = self.repository.checkout if ours else find_checkout(place)
        checkout = self._checkouts[marker] or outside_git(place, self._throw_away)
        if checkout.root not in self._indexes:
            scratch = Path(tempfile.mkdtemp(dir=self._scratch))
            self._indexes[checkout.root] = Index(checkout, scratch)
        return self._indexes[checkout.root]


def _below(top: Path | None, place: Path) -> tuple[str, ...]:
    """The names on the way from `top` to `place`; none if it is elsewhere."""
    return place.relative_to(top).parts if top and place.is_relative_to(top) else ()
