"""Lines for the person who watches the run. Programs read the files."""

import sys

_silent = False


class TrainingError(Exception):
    """Bad data, a flag that cannot work or an unreachable server: one line on stderr, exit 1."""


def silence() -> None:
    """Say nothing from now on, because another process says it."""
    global _silent  # Each process has one console.
    _silent = True


def say(line: str) -> None:
    if not _silent:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def complain(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
