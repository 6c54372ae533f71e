"""Text from users, made safe to print; values and numbers as people read them."""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec

# Control characters, characters that are invisible or change the direction of text, line ends that
# only some programs know, and halves of surrogate pairs (file names that are not UTF-8). `##[`
# begins a command anywhere in a line for Azure Pipelines and older GitHub runners.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]|##(?=\\[)"
)
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "##": "#\\#"}


def plain(text: str) -> str:
    """One line that forges nothing: no terminal sequence, no further line, no workflow command."""
    safe = _UNSAFE.sub(_escaped, text)
    # GitHub reads a line that begins with :: as a command, even after spaces.
    return f"\\{safe}" if safe.lstrip().startswith("::") else safe


def _escaped(match: re.Match[str]) -> str:
    found = match[0]
    return _NAMED.get(found) or escaped(found)


def escaped(character: str) -> str:
    """A character by its number, as Python writes it."""
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def value(any_value: Any) -> str:
    """A field's whole value on one line: strings as they are, everything else as JSON."""
    if any_value is None:
        return "none"
    if isinstance(any_value, str):
        return plain(any_value) or '""'
    return plain(msgspec.json.encode(any_value, order="deterministic").decode())


def number(metric: float | None, digits: int = 4) -> str:
    """A metric in a few characters: `0.992`, `12`, `1250000`, `3.1e-05`; `–` for none."""
    if metric is None:
        return "–"
    if not math.isfinite(metric):
        return "NaN" if math.isnan(metric) else f"{metric:+}".replace("+", "")
    if metric == int(metric) and abs(metric) < 1e15:
        return str(int(metric))
    return f"{metric:.0f}" if 10**digits <= abs(metric) < 1e15 else f"{metric:.{digits}g}"


def signed(change: float | None) -> str:
    """A change of a metric, with its sign."""
    text = number(change)
    return f"+{text}" if change is not None and change > 0 else text


def count(amount: int, one: str, many: str = "") -> str:
    """`1 error`, `3 errors`."""
    return f"{amount} {one if amount == 1 else many or one + 's'}"


def short(commit: str, dirty: bool = False) -> str:
    """A commit as Git abbreviates it; a star says that the tree was not clean."""
    return plain(commit[:7]) + ("*" if commit and dirty else "")
