"""Large files that LFS keeps elsewhere: whether they have been fetched."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from gitrain.source.checkout import Checkout
from gitrain.source.errors import SourceError, shown
from gitrain.source.git import MATCHING
from gitrain.source.tree import Entries

_ATTRIBUTES = ".gitattributes"
_POINTER = b"version https://git-lfs.github.com/spec/"


def check_lfs(checkout: Checkout, folders: Mapping[Path, Entries]) -> None:
    """Refuse LFS files that would be shipped as their pointers.

    Raises SourceError if git has no LFS filter, or has not fetched a file.
    """
    files = {
        os.fsencode(folder.relative_to(checkout.root) / os.fsdecode(entry.path)): (folder, entry)
        for folder, entries in folders.items()
        if _has_attributes(checkout, folder, entries)
        for entry in entries
    }
    if not files:
        return
    names = b"".join(name + b"\0" for name in files)
    question = ("check-attr", "-z", "--stdin", "filter")
    words = checkout.git.run(*question, stdin=names, timeout=MATCHING).split(b"\0")
    for name, value in zip(words[:-1:3], words[2::3], strict=True):
        if value == b"lfs":
            folder, entry = files[name]
            _check(checkout, folder, entry.path)


def _has_attributes(checkout: Checkout, folder: Path, entries: Entries) -> bool:
    above = [parent for parent in folder.parents if parent.is_relative_to(checkout.root)]
    info = checkout.objects.parent / "info" / "attributes"
    return any(
        path.is_file() for path in (info, *(parent / _ATTRIBUTES for parent in above))
    ) or any(entry.path.endswith(_ATTRIBUTES.encode()) for entry in entries)


def _check(checkout: Checkout, folder: Path, path: bytes) -> None:
    if not checkout.settings.matching(r"filter\.lfs\.(process|smudge)"):
        raise SourceError(
            "git-filter",
            f"{shown(path)} in {shown(folder)} is stored with Git LFS, which is not installed",
            "install git-lfs, then run `git lfs install` and `git lfs pull`",
        )
    if _starts_as_pointer(folder / os.fsdecode(path)):
        raise SourceError(
            "lfs-missing", f"{shown(path)} in {shown(folder)} has not been fetched", "git lfs pull"
        )


def _starts_as_pointer(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(len(_POINTER)) == _POINTER
    except OSError:  # missing in a sparse checkout; git fetches it when it is staged
        return False
