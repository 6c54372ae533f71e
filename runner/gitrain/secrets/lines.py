"""Source lines shown with a message, without what may be a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from gitrain.secrets.forms import without_secrets

_SECRET_NAME = re.compile(r"(?i)(?:^|.*[^a-z0-9])(?:password|secret|token|key|sas|pwd|credentials)")
_SECRET_LINE = re.compile(
    r"(?i)((?:^|[^a-z0-9])(?:password|secret|token|key|sas|pwd|credentials)[\"']?\s*:\s*)(?![{\s]).*"
)
_SECRET_KEY = re.compile(
    r"(?i)(?:^|[^a-z0-9])(?:password|secret|token|key|sas|pwd|credentials)[\"']?\s*:(?=\s|$)"
    r"(?P<value>.*)"
)
_KEY = re.compile(r"[\s{-]*[\"']?\w+[\"']?\s*:(?:\s|$)")
_LONGEST = 1000


def secretive(name: object) -> bool:
    """Whether a key's name suggests that its value is a secret."""
    return isinstance(name, str) and _SECRET_NAME.fullmatch(name) is not None


@lru_cache(maxsize=64)
def masked(line: str) -> str:
    """A source line without the value of a secret key and everything after it, nor a literal that
    has the form of a secret; at most 1,000 characters, which are cut last."""
    return without_secrets(_SECRET_LINE.sub(r"\1***", line.rstrip("\r")))[:_LONGEST]


def shown_line(lines: Sequence[str], index: int) -> str:
    """A line of a YAML file as a message may show it. A line on which the value of a secret key
    continues, as in a block scalar, is hidden as a whole."""
    line = lines[index]
    depth = _depth(line)
    if line.strip() and any(_continues(above, line) for above in _enclosing(lines, index, depth)):
        return f"{' ' * min(depth, _LONGEST)}***"
    return masked(line)


def _enclosing(lines: Sequence[str], index: int, depth: int) -> Iterator[str]:
    """The lines above that a line is indented below, the nearest first."""
    while index and depth:
        index -= 1
        if (above := lines[index]).strip() and _depth(above) < depth:
            depth = _depth(above)
            yield above


def _continues(above: str, line: str) -> bool:
    """Whether `line` is part of a secret's text that begins on or after the line `above`."""
    key = _SECRET_KEY.search(above[:_LONGEST])
    if key is None:
        return False
    began = key["value"].strip()
    return not _KEY.match(line[:_LONGEST]) if began in ("", "{") else not began.startswith("{")


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
