"""Sections of a document that must not exceed a number of bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from gitrain.report.safe import count


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a document that can be cut between its items, never within one.

    Each text ends in a newline. `head` comes before the first item and `tail` after the last one;
    without items the section is left out. `noun` names one item; `rank` is the order
    in which sections get room, the lowest first.
    """

    head: str
    items: tuple[str, ...]
    tail: str = ""
    noun: str = "line"
    rank: int = 0


def fitted(start: str, sections: Sequence[Section], end: str, limit: int) -> str:
    """The start, the sections in their order, and the end, in at most `limit` bytes of UTF-8; start
    and end are always whole."""
    left = limit - _size(start) - _size(end)
    texts: dict[int, str] = {}
    for index in sorted(range(len(sections)), key=lambda index: sections[index].rank):
        texts[index] = _cut(sections[index], left)
        left -= _size(texts[index])
    return start + "".join(_in_order(texts)) + end


def _in_order(texts: Mapping[int, str]) -> Iterable[str]:
    return (texts[index] for index in sorted(texts))


def _cut(section: Section, room: int) -> str:
    """As many items as fit, and how many more there are."""
    if not section.items:
        return ""
    whole = section.head + "".join(section.items) + section.tail
    if _size(whole) <= room:
        return whole
    rest = _rest(section, len(section.items))
    left = room - sum(map(_size, (section.head, section.tail, rest)))
    kept = []
    for item in section.items:
        left -= _size(item)
        if left < 0:
            break
        kept.append(item)
    if kept:
        rest = _rest(section, len(section.items) - len(kept))
        return section.head + "".join(kept) + section.tail + rest
    return rest if _size(rest) <= room else ""


def _rest(section: Section, amount: int) -> str:
    return f"\nand {count(amount, f'more {section.noun}')}\n"


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
