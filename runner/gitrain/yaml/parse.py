"""YAML → JSON values: one pure function of a file's bytes, which is all that a cache needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from gitrain.yaml.decode import Flaw, FlawError, decode


class Body(msgspec.Struct, frozen=True, array_like=True):
    """One YAML document and where it begins; `index` counts the documents of its file from 0.

    `broken` says that some text in it has a line break or a tab.
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


def parse(data: bytes) -> Parsed:
    """Read every document of a file. Depends on nothing but the bytes, and never raises."""
    # ruamel.yaml is slow to import, and when a cache knows all files nobody needs it.
    from gitrain.yaml.events import feed
    from gitrain.yaml.values import Composer

    try:
        text = decode(data)
    except FlawError as error:
        return Parsed(flaws=(error.flaw,))
    composer, flaw = feed(text, Composer)
    flaws = (*composer.flaws, flaw) if flaw else tuple(composer.flaws)
    return Parsed(() if flaw else tuple(composer.documents), flaws)
