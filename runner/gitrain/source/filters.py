"""Large files that LFS keeps elsewhere: whether they are really here."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from gitrain.source.errors import SourceError, shown
from gitrain.source.git import Checkout
from gitrain.source.tree import Entry

_ATTRIBUTES = ".gitattributes"
_POINTER = b"version https://git-lfs.github.com/spec/"


def check_filters(checkout: Checkout, folder: Path, entries: Sequence[Entry]) -> None:
    """Refuse LFS files that would be shipped as the short text that stands for them.

    Raises SourceError when git has no LFS filter, or has not fetched a file.
    """
    if not any(b"filter=lfs" in text for text in _attribute_files(checkout, folder, entries)):
        return
    git, prefix = checkout.git, folder.relative_to(checkout.root)
    names = b"".join(os.fsencode(prefix / os.fsdecode(entry.path)) + b"\0" for entry in entries)
    words = git.run("check-attr", "-z", "--stdin", "filter", stdin=names).split(b"\0")[:-1]
    large = [entry for entry, value in zip(entries, words[2::3], strict=True) if value == b"lfs"]
    if large and git.ask("config", "--get-regexp", r"^filter\.lfs\.(process|smudge)$").status:
        raise SourceError(
            "git-filter",
            f"{shown(large[0].path)} in {folder} is kept by LFS, which this Git lacks",
            "install git-lfs, then run `git lfs install` and `git lfs pull`",
        )
    for entry in large:
        if _starts_as_pointer(folder / os.fsdecode(entry.path)):
            raise SourceError(
                "lfs-missing", f"{shown(entry.path)} in {folder} is not fetched", "git lfs pull"
            )


def _attribute_files(checkout: Checkout, folder: Path, entries: Sequence[Entry]) -> Iterator[bytes]:
    above = [parent for parent in folder.parents if parent.is_relative_to(checkout.root)]
    below = [
        folder / os.fsdecode(entry.path)
        for entry in entries
        if entry.path.endswith(b".gitattributes")
    ]
    info = checkout.objects.parent / "info" / "attributes"
    for path in (info, *(parent / _ATTRIBUTES for parent in above), *below):
        if path.is_file():
            yield path.read_bytes()


def _starts_as_pointer(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(len(_POINTER)) == _POINTER
    except OSError:  # a sparse checkout does not have it; git fetches it when it is staged
        return False
