"""The known word that was probably meant. Pure."""

from __future__ import annotations

import difflib
from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec

_MOST = 8
_LONGEST = 100


def near(written: str, known: Iterable[str]) -> str:
    """The closest of the known words, ignoring case; empty if none is close."""
    written = written[:_LONGEST].lower()
    index = _index(tuple(known))
    words = index.words
    likely = words if len(words) <= 4 * _MOST else _alike(written, index)
    found = difflib.get_close_matches(written, likely, n=1, cutoff=0.6)
    return words[found[0]] if found else ""


class _Index(msgspec.Struct, frozen=True):
    """Words by their form for comparison, sorted by how they begin and by how they end."""

    words: Mapping[str, str]
    begins: Sequence[str]
    ends: Sequence[str]


@lru_cache(maxsize=8)
def _index(known: tuple[str, ...]) -> _Index:
    """Cached: a thousand typos may be looked up in the same words."""
    words = {word[:_LONGEST].lower(): word for word in known}
    return _Index(words, sorted(words), sorted(word[::-1] for word in words))


def _alike(written: str, index: _Index) -> set[str]:
    """The words, of many, that begin or end most like this one: a typo leaves one end intact.

    Comparing with all takes milliseconds per thousand, and a file may have a hundred typos.
    """
    begin = _neighbours(written, index.begins)
    end = _neighbours(written[::-1], index.ends)
    return {*begin, *(word[::-1] for word in end)}


def _neighbours(written: str, words: Sequence[str]) -> Sequence[str]:
    at = bisect(words, written)
    return words[max(at - _MOST, 0) : at + _MOST]
