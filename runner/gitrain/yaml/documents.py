"""What a YAML file says: its documents, or the flaws that keep it from being read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from gitrain.yaml.decode import Flaw


class Body(msgspec.Struct, frozen=True, array_like=True):
    """One YAML document and where it begins; `index` counts the documents in its file from 0.

    `broken` says whether any string in it has a line break or a tab.
    """

    value: Any
    line: int
    column: int
    index: int
    broken: bool = False


class Parsed(msgspec.Struct, frozen=True):
    """What a file says. With flaws the documents are not to be trusted."""

    documents: tuple[Body, ...] = ()
    flaws: tuple[Flaw, ...] = ()


# `parse`, or a cache in front of it.
Parse = Callable[[bytes], Parsed]
