"""What a run leaves behind: its log, its metrics, and the files of its outputs."""

from __future__ import annotations

import codecs
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gitrain.metrics import parse_metrics
from gitrain.observed import Metrics
from gitrain.workspaces.downloads import download
from gitrain.workspaces.folders.layout import RunFolder

_PIECE = 64 * 1024
_TICK = 0.2


def read_metrics(path: Path) -> Metrics:
    """What a run wrote; a file that does not exist has none."""
    try:
        return parse_metrics(path.read_bytes())
    except FileNotFoundError:
        return {}


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
        with path.open("rb") as log:
            log.seek(position)
            while piece := log.read(_PIECE):
                yield piece
    except FileNotFoundError:
        return


def last_line(log: Path) -> str:
    """The last line that is not empty; at most 300 characters."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _PIECE))
        lines = file.read().decode(errors="replace").splitlines()
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "")


@dataclass(frozen=True, slots=True)
class LocalArtifacts:
    """The files of a run: `NAME/…` for a named output, `outputs/…` and `logs/…`."""

    folder: RunFolder
    outputs: tuple[str, ...]

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._files()))

    def download(self, folder: Path) -> tuple[Path, ...]:
        files = {name: partial(shutil.copy2, path) for name, path in self._files().items()}
        return download(files, folder)

    def _files(self) -> dict[str, Path]:
        """A named output goes before a file of the working folder that has the same name."""
        roots = {name: self.folder.code / name for name in ("logs", "outputs")}
        roots |= {name: self.folder.output(name) for name in self.outputs}
        return {name: path for root in roots.items() for name, path in _below(*root)}


def _below(name: str, root: Path) -> Iterator[tuple[str, Path]]:
    """The files of a folder, or the file itself. A link that leads out of it is no part of it."""
    if root.is_symlink():
        return
    if root.is_file():
        yield name, root
    inside = root.resolve()
    for folder, _, files in os.walk(root):
        for file in files:
            path = Path(folder, file)
            if path.is_file() and path.resolve().is_relative_to(inside):
                yield f"{name}/{path.relative_to(root).as_posix()}", path
