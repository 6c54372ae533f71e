"""The time of day, as it is recorded."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """RFC 3339, UTC. For people: nothing is ever ordered by it, as clocks are set back."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
