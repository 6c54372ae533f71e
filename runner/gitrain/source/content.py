"""The identity of data by its content."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from gitrain.source.errors import SourceError, unreadable
from gitrain.source.links import check_link


def content(path: Path) -> str:
    """The sha256, in hex, of a file's bytes, or of a folder's names and contents.

    Times, modes and empty folders do not count. A link inside a folder counts as its target's path;
    `path` itself may be a link, and is followed. Contents are streamed.
    Raises SourceError if `path` does not exist, or contains anything other than files, folders and
    links that stay in the folder.
    """
    try:
        real = path.resolve(strict=True)
        if real.is_file():
            return _file(real)
    except (OSError, RuntimeError, ValueError) as error:
        raise SourceError("missing", f"{path} does not exist or cannot be read") from error
    if not real.is_dir():
        raise SourceError("not-a-file", f"{path} is neither a file nor a folder")
    total = hashlib.sha256()
    for name, place in sorted(
        (os.fsencode(place.relative_to(real)), place) for place in _walk(real)
    ):
        kind, digest = _item(real, name, place)
        total.update(b"%s %s %d:%s\n" % (kind, digest.encode(), len(name), name))
    return total.hexdigest()


def _walk(folder: Path) -> list[Path]:
    found: list[Path] = []
    pending = [folder]
    while pending:
        try:
            with os.scandir(pending.pop()) as items:
                for item in items:
                    is_folder = item.is_dir(follow_symlinks=False)
                    (pending if is_folder else found).append(Path(item.path))
        except OSError as error:
            raise unreadable(folder, error) from error
    return found


def _item(folder: Path, name: bytes, place: Path) -> tuple[bytes, str]:
    mode = place.lstat().st_mode
    if stat.S_ISLNK(mode):
        target = os.fsencode(place.readlink())
        check_link(folder, name, target)
        return b"link", hashlib.sha256(target).hexdigest()
    if not stat.S_ISREG(mode):
        raise SourceError("not-a-file", f"{place} is neither a file nor a folder", "remove it")
    return b"file", _file(place)


def _file(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error
