"""YAML → JSON values: a pure function of a file's bytes, so that it can be cached."""

from __future__ import annotations

from gitrain.yaml.decode import FlawError, decode
from gitrain.yaml.documents import Parsed


def parse(data: bytes) -> Parsed:
    """Read every document of a file. Depends only on the bytes, and never raises."""
    # ruamel.yaml is slow to import, and not needed when every file is cached.
    from gitrain.yaml.events import feed
    from gitrain.yaml.values import Composer

    try:
        text = decode(data)
    except FlawError as error:
        return Parsed(flaws=(error.flaw,))
    composer, flaw = feed(text, Composer)
    flaws = (*composer.flaws, flaw) if flaw else tuple(composer.flaws)
    return Parsed(() if flaw else tuple(composer.documents), flaws)
