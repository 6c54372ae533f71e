"""Source lines shown with a message, without what may be a secret."""

from __future__ import annotations

import re
from functools import lru_cache

_SECRET_NAME = re.compile(r"(?i)(?:^|.*[^a-z0-9])(?:password|secret|token|key|sas|pwd|credentials)")
_SECRET_LINE = re.compile(
    r"(?i)((?:^|[^a-z0-9])(?:password|secret|token|key|sas|pwd|credentials)[\"']?\s*:\s*)(?![{\s]).*"
)
_LONGEST = 1000


def secretive(name: object) -> bool:
    """Whether a key's name suggests that its value is a secret."""
    return isinstance(name, str) and _SECRET_NAME.fullmatch(name) is not None


@lru_cache(maxsize=64)
def masked(line: str) -> str:
    """A source line without the value of a secret key and everything after it."""
    return _SECRET_LINE.sub(r"\1***", line[:_LONGEST].rstrip("\r"))
