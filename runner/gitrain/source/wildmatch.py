"""Git's glob patterns as regular expressions over bytes: the rules of its wildmatch.c.

pathspec was tried: it disagrees with Git on names with line feeds, on `a**/b` and on spaces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_SPECIAL = b"*?[\\"
_NEVER = b"(?!)"
# Byte values by the name of a POSIX class; ASCII only, as Git has it.
_CLASSES: dict[bytes, Callable[[int], bool]] = {
    b"alnum": lambda c: chr(c).isalnum(),
    b"alpha": lambda c: chr(c).isalpha(),
    b"blank": lambda c: c in b" \t",
    b"cntrl": lambda c: c < 32 or c == 127,
    b"digit": lambda c: 48 <= c <= 57,
    b"graph": lambda c: 32 < c < 127,
    b"lower": lambda c: 97 <= c <= 122,
    b"print": lambda c: 32 <= c < 127,
    b"punct": lambda c: 32 < c < 127 and not chr(c).isalnum(),
    b"space": lambda c: c in b" \t\n\r\v\f",
    b"upper": lambda c: 65 <= c <= 90,
    b"xdigit": lambda c: c in b"0123456789abcdefABCDEF",
}


def compile_name(pattern: bytes) -> re.Pattern[bytes]:
    """Matches the last name of a path: a pattern without a slash."""
    return _compile(b"", pattern, crosses=True)


def compile_path(pattern: bytes) -> re.Pattern[bytes]:
    """Matches a whole path: a pattern with a slash."""
    # Git compares what comes before the first special character as it is, and matches the rest
    # alone; so the stars of `a**/b` come first in what is matched, and cross folders.
    plain = next((n for n, byte in enumerate(pattern) if byte in _SPECIAL), len(pattern))
    return _compile(pattern[:plain], pattern[plain:], crosses=False)


def _compile(plain: bytes, pattern: bytes, *, crosses: bool) -> re.Pattern[bytes]:
    try:
        body = b"".join(_parts(pattern, crosses))
    except IndexError:  # a bracket or an escape without its end matches nothing
        body = _NEVER
    return re.compile(re.escape(plain) + body, re.DOTALL)


def _parts(pattern: bytes, crosses: bool) -> Iterator[bytes]:
    """`crosses`: stars match slashes, too. Raises IndexError when the pattern ends too early."""
    one, place = (b"." if crosses else b"[^/]"), 0
    while place < len(pattern):
        char = pattern[place : place + 1]
        if char == b"*":
            part, place = _stars(pattern, place, one)
            yield part
        elif char == b"[":
            members, place = _bracket(pattern, place + 1)
            # A bracket never matches a slash in a path.
            codes = b"".join(b"\\x%02x" % code for code in members if crosses or code != 47)
            yield b"[" + codes + b"]" if codes else _NEVER
        elif char == b"\\":
            yield re.escape(bytes([pattern[place + 1]]))
            place += 2
        else:
            yield one if char == b"?" else re.escape(char)
            place += 1


def _stars(pattern: bytes, place: int, one: bytes) -> tuple[bytes, int]:
    """The stars at `place`, and where what follows them begins."""
    end = place
    while pattern[end : end + 1] == b"*":
        end += 1
    first = place == 0 or pattern[place - 1 : place] == b"/"
    if end - place == 1 or not first:
        return one + b"*", end
    if end == len(pattern) or pattern[end : end + 2] == b"\\/":
        return b".*", end
    if pattern[end : end + 1] == b"/":
        return b"(?:.*/)?", end + 1
    return one + b"*", end


def _bracket(pattern: bytes, place: int) -> tuple[list[int], int]:
    """The byte values that a bracket whose inside begins at `place` matches, and where it ends."""
    negated = pattern[place] in b"!^"
    place += negated
    members: set[int] = set()
    first, previous = True, 0
    while first or pattern[place] != 93:  # "]" first is a member
        first, byte = False, pattern[place]
        if byte == 45 and previous and pattern[place + 1] != 93:  # "-"
            place += 2 if pattern[place + 1] == 92 else 1
            members.update(range(previous, pattern[place] + 1))
            previous = 0
        elif (
            pattern[place : place + 2] == b"[:"
            and (name := _class_name(pattern, place)) is not None
        ):
            members.update(code for code in range(128) if _CLASSES[name](code))
            place += len(name) + 3
            previous = 0
        else:
            place += byte == 92
            previous = pattern[place]
            members.add(previous)
        place += 1
    return sorted(set(range(256)) - members if negated else members), place + 1


def _class_name(pattern: bytes, place: int) -> bytes | None:
    """The name in `[:name:]`; None when this is only a bracket and a colon."""
    end = pattern.index(b"]", place + 2) if b"]" in pattern[place + 2 :] else len(pattern)
    if end == len(pattern):
        raise IndexError
    name = pattern[place + 2 : end - 1]
    if end - place < 3 or pattern[end - 1 : end] != b":":
        return None
    if name not in _CLASSES:
        raise IndexError  # to Git such a pattern matches nothing
    return name
