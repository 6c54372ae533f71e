"""Text of others forges nothing, and hides nothing from whoever reads it."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from gitrain.report.safe import plain

# Unicode's Default_Ignorable_Code_Point, from DerivedCoreProperties.txt.
IGNORABLE = (
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8)),
    *((0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
LISTED = "\u3164\u115f\u2800\u200c\u200d\u034f\ufe0f\U000e0100\u180e"


def escaped(character: str) -> bool:
    shown = plain(f"a{character}b")
    return shown.isascii() and shown.isprintable() and "\\" in shown


def test_no_control_format_or_line_end_of_unicode_is_printed() -> None:
    categories = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    every = map(chr, range(sys.maxunicode + 1))
    assert [c for c in every if unicodedata.category(c) in categories and not escaped(c)] == []


def test_nothing_is_printed_that_may_be_shown_as_nothing() -> None:
    every = (chr(n) for first, last in IGNORABLE for n in range(first, last + 1))
    assert [c for c in every if not escaped(c)] == []


@pytest.mark.parametrize("character", LISTED, ids=ascii)
def test_what_passed_once_is_escaped(character: str) -> None:
    assert escaped(character)


@pytest.mark.parametrize("text", ["déjà vu", "模型 7", "модель", "e\u0301", "😀", "→ ✓", "שלום"])
def test_what_people_write_is_printed_as_it_is(text: str) -> None:
    assert plain(text) == text
