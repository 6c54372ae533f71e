"""Long texts and changing data in values of at most 1,000 characters, as Azure ML has. Pure."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

PIECE = 1000

_T = TypeVar("_T")


def pack(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, 9)).decode()


def unpack(text: str) -> bytes:
    """What `pack` was given; empty for a text that it did not make."""
    try:
        return zlib.decompress(base64.b64decode(text, validate=True))
    except (ValueError, zlib.error):
        return b""


def decoded(data: bytes, kind: type[_T]) -> _T | None:
    """The value of a JSON text; None for an empty text, or for JSON of another type."""
    try:
        return msgspec.json.decode(data, type=kind) if data else None
    except msgspec.MsgspecError:
        return None


def in_pieces(key: str, text: str) -> Iterator[tuple[str, str]]:
    """A long text that never changes, under `key`, `key.1`, …"""
    for number, start in enumerate(range(0, len(text), PIECE)):
        yield (f"{key}.{number}" if number else key), text[start : start + PIECE]


def joined(key: str, values: Mapping[str, str]) -> str:
    """The text again; "" when it is missing."""
    found = [values.get(key) or ""]
    while piece := values.get(f"{key}.{len(found)}"):
        found.append(piece)
    return "".join(found)


def counted(key: str, data: bytes) -> dict[str, str]:
    """JSON of an object that may change: as it is while it fits, else packed, under `key`, `key_1`,
    …; the first says how many there are, because an earlier value may have had more."""
    text = data.decode()
    if len(text) <= PIECE:
        return {key: text}
    whole = pack(data)
    found = [whole[start : start + PIECE - 4] for start in range(0, len(whole), PIECE - 4)]
    return {
        (f"{key}_{number}" if number else key): (piece if number else f"{len(found)} {piece}")
        for number, piece in enumerate(found)
    }


def uncounted(key: str, tags: Mapping[str, str]) -> bytes:
    """The JSON again; empty when it is missing."""
    first = tags.get(key) or ""
    if first.startswith("{"):
        return first.encode()
    number, _, piece = first.partition(" ")
    if not number.isdigit():
        return b""
    rest = (tags.get(f"{key}_{index}", "") for index in range(1, int(number)))
    return unpack("".join((piece, *rest)))
