"""The known word that was probably meant. Pure."""

from __future__ import annotations

import difflib
from bisect import bisect
from collections.abc import Iterable

_MOST = 8
_LONGEST = 100


def near(written: str, known: Iterable[str]) -> str:
    """The nearest of the known words, whatever their case; empty when none is near."""
    written = written[:_LONGEST].lower()
    words = {word[:_LONGEST].lower(): word for word in known}
    likely = words if len(words) <= 4 * _MOST else _alike(written, words)
    found = difflib.get_close_matches(written, likely, n=1, cutoff=0.6)
    return words[found[0]] if found else ""


def _alike(written: str, words: Iterable[str]) -> set[str]:
    """Those of many words that begin or end most like this one: a slip leaves one end whole.

    To compare it with each costs milliseconds a thousand, and a file may have a hundred slips.
    """
    begin = _neighbours(written, sorted(words))
    end = _neighbours(written[::-1], sorted(word[::-1] for word in words))
    return {*begin, *(word[::-1] for word in end)}


def _neighbours(written: str, words: list[str]) -> list[str]:
    at = bisect(words, written)
    return words[max(at - _MOST, 0) : at + _MOST]
