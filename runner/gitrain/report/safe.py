"""Text from users, made safe to print; values and numbers as people read them."""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec

# Unicode's control and format characters (Cc, Cf), its line ends (Zl, Zp), all that it says may be
# shown as nothing (Default_Ignorable_Code_Point), the blank of Braille, and halves of surrogate
# pairs (file names that are not UTF-8). Ranges, because a look at every character takes too long to
# start with; a test compares them with Unicode's own data. `##[` begins a command anywhere in a
# line for Azure Pipelines and older GitHub runners.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff0-\ufffb\ud800-\udfff\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]|##(?=\\[)"
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
