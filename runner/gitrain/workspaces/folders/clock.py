"""The time of day, as it is recorded."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """RFC 3339, UTC, to the millisecond: of one length, so that times sort as texts.

    Clocks are set back, so nothing that must not go wrong is ordered by it: which run counts goes
    by its attempt, and whose turn it is by the ledger's numbers. Which of a job's other runs it is
    compared with, and the order of a list, go by it; so do the numbers of a ledger that is made
    again from its folders, as they hold nothing better.
    """
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
