"""What a run leaves behind: its log, and the files of its outputs."""

from __future__ import annotations

import codecs
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

from gitrain.errors import WorkspaceError
from gitrain.workspaces.downloads import download
from gitrain.workspaces.folders.layout import RunFolder
from gitrain.workspaces.folders.regular_files import UnfitFileError, opened

_PIECE = 64 * 1024
_TICK = 0.2
MOST_FILES = 100_000


def read_log(path: Path, over: Callable[[], bool]) -> Iterator[str]:
    """Yield a log as it grows, until `over` says that no more will come.

    A log that does not exist yet is empty. Bytes that are no UTF-8 are replaced.
    """
    decode = codecs.getincrementaldecoder("utf-8")(errors="replace").decode
    position = 0
    while True:
        # Asked before reading: what was written up to the end is read below.
        last = over()
        for piece in _pieces(path, position):
            position += len(piece)
            if text := decode(piece):
                yield text
        if last:
            break
        time.sleep(_TICK)
    if rest := decode(b"", True):
        yield rest


def _pieces(path: Path, position: int) -> Iterator[bytes]:
    try:
        with opened(path.parent, path.name) as log:
            log.seek(position)
            # No further than it reaches now: whoever asks once has an end to come to.
            left = os.fstat(log.fileno()).st_size - position
            while left > 0 and (piece := log.read(min(_PIECE, left))):
                left -= len(piece)
                yield piece
    except FileNotFoundError:
        return


def last_line(path: Path) -> str:
    """The last line of a log that is not empty, at most 300 characters; "" without any."""
    try:
        with opened(path.parent, path.name) as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - _PIECE))
            lines = log.read(_PIECE).decode(errors="replace").splitlines()
    except (OSError, UnfitFileError):
        return ""
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")


def last_words(folder: RunFolder) -> str:
    """What a supervisor said last, as a rule the end of a traceback, and where the rest is."""
    said = last_line(folder.supervisor_log)
    return f"{said}; see {folder.supervisor_log}" if said else ""


@dataclass(frozen=True, slots=True)
class LocalArtifacts:
    """The files of a run: `NAME/…` for a named output, `outputs/…` and `logs/…`."""

    folder: RunFolder
    outputs: tuple[str, ...]

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._files()))

    def download(self, folder: Path) -> tuple[Path, ...]:
        files = {name: partial(_copy, root, path) for name, (root, path) in self._files().items()}
        return download(files, folder)

    def _files(self) -> dict[str, tuple[Path, str]]:
        """A named output goes before a file of the working folder that has the same name."""
        roots = {name: self.folder.code / name for name in ("logs", "outputs")}
        roots |= {name: self.folder.output(name) for name in self.outputs}
        return {
            f"{name}/{below}" if below else name: (root, below)
            for name, root in roots.items()
            for below in _below(root)
        }


def _below(root: Path) -> Iterator[str]:
    """The regular files below a folder, links to such in it included; "": the file itself."""
    if root.is_symlink():
        return
    for path in _walk(root) if root.is_dir() else [""]:
        with suppress(OSError, UnfitFileError), opened(root, path):
            yield path


def _walk(root: Path) -> Iterator[str]:
    """All names below a folder that are not folders. What cannot be looked into is left out."""
    seen = 0
    left = [""]
    while left:
        at = left.pop()
        with suppress(OSError), os.scandir(root / at) as entries:
            for entry in entries:
                seen += 1
                if seen > MOST_FILES:
                    raise WorkspaceError(f"more than {MOST_FILES:,} files: look in {root} yourself")
                path = f"{at}/{entry.name}" if at else entry.name
                if entry.is_dir(follow_symlinks=False):
                    left.append(path)
                else:
                    yield path


def _copy(root: Path, path: str, target: Path) -> None:
    """As much as there is now, even while it grows; with the mode of a new file."""
    with opened(root, path) as file:
        status = os.fstat(file.fileno())
        # Only whether it can be executed is kept of its mode: nothing that gives rights to others.
        mode = 0o777 if status.st_mode & stat.S_IXUSR else 0o666
        copy = os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")
        _pump(file, copy, status.st_size)


def _pump(file: BinaryIO, copy: BinaryIO, left: int) -> None:
    with copy:
        while left > 0 and (piece := file.read(min(_PIECE, left))):
            left -= len(piece)
            copy.write(piece)
