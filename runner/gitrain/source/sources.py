"""The sources of a project's jobs: their identity, and exactly what is shipped."""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import msgspec

from gitrain.source.errors import SourceError
from gitrain.source.files import ALGORITHM, changed, copy_files, read_files
from gitrain.source.git import find_checkout, nearest_marker
from gitrain.source.ignore import Selection
from gitrain.source.index import Index
from gitrain.source.repository import Repository
from gitrain.source.tree import Tree, TreeStore, alternates, changed_paths, tree_objects

_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class _Snapshot(msgspec.Struct, frozen=True):
    tree: Tree
    index: Index | None  # None: the folder is in no repository

    @property
    def bodies(self) -> dict[str, bytes]:
        """All tree objects, by id."""
        algorithm = self.index.checkout.algorithm if self.index else ALGORITHM
        return tree_objects(self.tree.entries, algorithm)[1]


class Sources:
    """Code and build folders of one project, each looked at once in the life of this object."""

    def __init__(
        self, root: Path, leave_out: Iterable[str | Path] = (), objects: Path | None = None
    ) -> None:
        """`root` is the project's folder, and what relative paths are relative to.

        `leave_out` are files and folders that are no source (the manifests), wherever a source
        folder holds them. `objects` is where the tree objects of what was shipped are kept, for
        `changed_files`; it is made when something is first kept there.
        """
        self.root = root.resolve()
        self.repository = Repository(self.root)
        self._leave_out = tuple(self.root / path for path in leave_out)
        self._objects = objects
        self._indexes: dict[Path | None, Index | None] = {}
        self._places: dict[str | Path, Path] = {}
        self._snapshots: dict[Path, _Snapshot] = {}
        self._store: TreeStore | None = None

    def prepare(self, folders: Iterable[str | Path]) -> None:
        """Look at many folders at once, which is faster; `tree_id` says what is wrong with one."""
        with suppress(SourceError):
            self._look([self._place(folder) for folder in dict.fromkeys(folders)])

    def tree_id(self, folder: str | Path) -> str:
        """The Git tree id of a folder as it would be committed now.

        Tracked files and those that are neither tracked nor ignored, without what `.amlignore` in
        the folder matches, `leave_out` and `.gitrain`. The same without Git. Nothing is changed.
        Raises SourceError when there is no such folder or nothing in it, a link leaves it, a file
        or a filter cannot be used, or a repository inside it has changes of its own.
        """
        return self._snapshot(self._place(folder)).tree.id

    def stage(self, folder: str | Path, tree: str, destination: Path) -> None:
        """Write the files of a folder whose `tree_id` is `tree` into `destination`, a new folder.

        It is there with all its files or not at all.
        Raises SourceError when the folder is not that tree any more, or `destination` exists.
        """
        place = self._place(folder)
        if destination.exists():
            raise SourceError("destination-exists", f"{destination} exists already")
        snapshot = self._snapshot(place)
        if snapshot.tree.id != tree:
            raise changed(place)
        destination.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(
            dir=destination.parent.resolve(), prefix=".staging-"
        ) as temporary:
            staged = Path(temporary) / "source"
            staged.mkdir()
            if snapshot.index is None:
                copy_files(place, snapshot.tree, staged)
            else:
                snapshot.index.write(place, snapshot.tree, staged)
            staged.replace(destination)
        self._keep(snapshot)

    def changed_files(self, old: str, new: str) -> tuple[str, ...] | None:
        """The names of the files that differ between two trees, relative to their folder, sorted.

        None when one of the trees is not at hand any more.
        """
        # They come from what a workspace reports: never a path, never an option to git.
        if not (_OBJECT_ID.fullmatch(old) and _OBJECT_ID.fullmatch(new)):
            return None
        stores = [self._trees(), *([TreeStore(self._objects)] if self._objects else [])]
        checkout = self.repository.checkout
        if checkout is None:
            try:
                names = list(changed_paths(old, new, stores))
            except LookupError:
                return None
        else:
            git = checkout.git.given(
                GIT_ALTERNATE_OBJECT_DIRECTORIES=alternates(store.folder for store in stores),
                GIT_NO_LAZY_FETCH="1",
            )
            reply = git.ask("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new, "--")
            if reply.status:
                return None
            names = reply.out.split(b"\0")[:-1]
        return tuple(name.decode("utf-8", "replace") for name in sorted(names))

    def _trees(self) -> TreeStore:
        """A throw-away store of the trees seen so far: they may be in no repository."""
        if self._store is None:
            folder = tempfile.mkdtemp(prefix="gitrain-")
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            self._store = TreeStore(Path(folder))
        for snapshot in self._snapshots.values():
            self._store.write(snapshot.bodies)
        return self._store

    def _keep(self, snapshot: _Snapshot) -> None:
        if self._objects is None or (snapshot.index and snapshot.index.has_tree(snapshot.tree.id)):
            return
        TreeStore(self._objects).write(snapshot.bodies)

    def _place(self, folder: str | Path) -> Path:
        if folder not in self._places:
            self._places[folder] = self._resolved(folder)
        return self._places[folder]

    def _resolved(self, folder: str | Path) -> Path:
        place = self.root / folder
        try:
            place = place.resolve()
            if place.is_dir():
                return place
            what = "is not a folder" if place.exists() else "does not exist"
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links; a null byte
            what = f"cannot be read: {error}"
        raise SourceError("missing", f"the code folder {place} {what}")

    def _snapshot(self, place: Path) -> _Snapshot:
        if place not in self._snapshots:
            self._look([place])
        return self._snapshots[place]

    def _look(self, places: list[Path]) -> None:
        selections = {place: Selection(place, self._leave_out) for place in places}
        by_index: defaultdict[Index | None, list[Path]] = defaultdict(list)
        for place in places:
            by_index[self._index(place)].append(place)
        for index, group in by_index.items():
            if index is None:
                trees = {place: read_files(place, selections[place]) for place in group}
            else:
                trees = index.read({place: selections[place] for place in group})
            for place, tree in trees.items():
                if not tree.entries:
                    raise SourceError(
                        "empty",
                        f"the code folder {place} has no files, or all of them are ignored",
                        "look at .gitignore and .amlignore",
                    )
                self._snapshots[place] = _Snapshot(tree, index)

    def _index(self, place: Path) -> Index | None:
        marker = nearest_marker(place)
        if marker not in self._indexes:
            ours = marker == nearest_marker(self.root)
            checkout = self.repository.checkout if ours else find_checkout(place)
            self._indexes[marker] = Index(checkout) if checkout else None
        return self._indexes[marker]
