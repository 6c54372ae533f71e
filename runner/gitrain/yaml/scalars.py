"""Unquoted YAML scalars → JSON values, as YAML 1.2 and ruamel's safe loader read them.

Dates stay strings. `yes`, `on` and `017` are what they look like: two strings and seventeen.
"""

from __future__ import annotations

import math
import re

from gitrain.expressions import literal

Scalar = str | int | float | bool | None

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(
    r"([-+]?)(?:0b([01][01_]*)|0o([0-7][0-7_]*)|0x([0-9a-fA-F][0-9a-fA-F_]*)|([0-9][0-9_]*))"
)
_BASES = (2, 8, 16, 10)
_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?"
    r"|[0-9][0-9_]*[eE][-+]?[0-9]+"
    r"|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?)"
)
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")

# A number of 64 bits has far fewer; longer ones are refused before Python converts them.
_MOST_DIGITS = 80
_MOST = 2**63


class NumberError(ValueError):
    """A number that JSON, and therefore a manifest, cannot represent."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def spelled(text: str, value: Scalar) -> bool:
    """Whether a number is written in just the way in which it is inserted into texts."""
    return value is None or (not isinstance(value, bool | str) and literal(value) == text)


def plain(text: str) -> Scalar:
    """The value of an unquoted scalar. Raises NumberError."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "-+.0123456789":
        return text
    if match := _INTEGER.fullmatch(text):
        return _integer(match)
    if _FLOAT.fullmatch(text):
        return _float(text)
    if _NOT_FINITE.fullmatch(text):
        raise NumberError("not-finite", f"`{text}` is not a finite number")
    return text


def _integer(match: re.Match[str]) -> int:
    sign, *digits = match.groups()
    base, written = next(pair for pair in zip(_BASES, digits, strict=True) if pair[1])
    value = int(f"{sign}{written}", base) if len(written) <= _MOST_DIGITS else _MOST
    if not -_MOST <= value < _MOST:
        raise NumberError("huge-number", f"`{_short(match[0])}` does not fit in 64 bits")
    return value


def _float(text: str) -> float:
    value = float(text.replace("_", ""))
    if math.isinf(value):
        raise NumberError("huge-number", f"`{_short(text)}` is too large for a 64-bit number")
    return value


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:20]}…"
