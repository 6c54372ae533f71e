"""ISO 8601 durations, as Azure writes them. Pure."""

from __future__ import annotations

import re

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?")


def duration(seconds: int) -> str:
    """`PT120S`."""
    return f"PT{seconds}S"


def seconds(text: str) -> int | None:
    """The seconds of `PT120S` or `PT2M`; None for anything else."""
    match = _DURATION.fullmatch(text or "")
    if match is None:
        return None
    days, hours, minutes, rest = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest
