"""YAML → JSON values: one pure function of a file's bytes, which is all that a cache needs."""

from __future__ import annotations

import msgspec

from gitrain.load.compose import Body, Composer
from gitrain.load.events import feed
from gitrain.load.text import Flaw, FlawError, decode


class Parsed(msgspec.Struct, frozen=True):
    """What a file says. With flaws the documents are not to be trusted."""

    documents: tuple[Body, ...] = ()
    flaws: tuple[Flaw, ...] = ()


def parse(data: bytes) -> Parsed:
    """Read every document of a file. Depends on nothing but the bytes, and never raises."""
    try:
        text = decode(data)
    except FlawError as error:
        return Parsed(flaws=(error.flaw,))
    composer, flaw = feed(text, Composer)
    flaws = (*composer.flaws, flaw) if flaw else tuple(composer.flaws)
    return Parsed(() if flaw else tuple(composer.documents), flaws)
