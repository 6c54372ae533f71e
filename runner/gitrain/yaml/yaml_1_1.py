"""Unquoted scalars as YAML 1.1 reads them, in the dialect of PyYAML, on which `az ml` is built.

Only what YAML 1.2 reads differently: everything else is left to `gitrain.yaml.scalars`. Dates are
left out: PyYAML makes them objects of their own, whose text is what was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gitrain.yaml.scalars import Scalar

_WORDS = {
    **{form: True for word in ("yes", "on") for form in (word, word.title(), word.upper())},
    **{form: False for word in ("no", "off") for form in (word, word.title(), word.upper())},
}
_OCTAL = re.compile(r"[-+]?0[0-7_]+")
_SIXTIES = re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+")
_SIXTIES_AND_PARTS = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*")
# A decimal number that begins with 0, octal in YAML 1.2, and a float without a point or without
# the sign of its exponent: not numbers there.
_TEXT = re.compile(
    r"[-+]?0[0-9_]*[89][0-9_]*"
    r"|[-+]?0o[0-7_]+"
    r"|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
    r"|[-+]?(?:[0-9][0-9_]*)?\.[0-9_]*[eE][0-9]+"
    r"|[-+]\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?"
)


def read(text: str, value: Scalar) -> Scalar:
    """What an unquoted scalar is in YAML 1.1; `value` is what it is in YAML 1.2."""
    if text in _WORDS:
        return _WORDS[text]
    if _TEXT.fullmatch(text):
        return text
    plain = text.replace("_", "")
    if _OCTAL.fullmatch(text):
        return int(plain, 8)
    if _SIXTIES.fullmatch(text):
        return _sum(plain, int)
    if _SIXTIES_AND_PARTS.fullmatch(text):
        return _sum(plain, float)
    return value


def may_differ(text: str) -> bool:
    """Whether to ask `read` about a scalar that is a string in YAML 1.2; cheap."""
    return text in _WORDS or (":" in text and text[0] in "-+0123456789")


def _sum(text: str, number: Callable[[str], int | float]) -> int | float:
    """`1:30` is ninety."""
    total: int | float = 0
    for part in text.lstrip("+-").split(":"):
        total = total * 60 + number(part)
    return -total if text.startswith("-") else total
