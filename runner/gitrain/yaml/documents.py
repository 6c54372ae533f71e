"""What a YAML file says: its documents, or the flaws that keep it from being read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from gitrain.yaml.decode import Flaw


class Remark(msgspec.Struct, frozen=True, array_like=True):
    """What the value at `path` does not tell about how it is written.

    `text` is that of an unquoted number, boolean, or word that YAML 1.1 takes for one. `folded` is
    the line of the `>` of a folded string in which lines are indented further, and so not folded.
    """

    path: tuple[str | int, ...]
    text: str = ""
    folded: int = 0


class Body(msgspec.Struct, frozen=True, array_like=True):
    """One YAML document and where it begins; `index` counts the documents in its file from 0.

    `broken` says whether any string in it has a line break or a tab. `remarks` are in the order of
    the text; values of an alias have those of its anchor only.
    """

    value: Any
    line: int
    column: int
    index: int
    broken: bool = False
    remarks: tuple[Remark, ...] = ()


class Parsed(msgspec.Struct, frozen=True):
    """What a file says. With flaws the documents are not to be trusted."""

    documents: tuple[Body, ...] = ()
    flaws: tuple[Flaw, ...] = ()


# `parse`, or a cache in front of it.
Parse = Callable[[bytes], Parsed]
