"""What a person who watches the run reads. Programs read the files."""

import sys

_silent = False


class TrainingError(Exception):
    """A wrong flag, bad data or an unreachable server: one line on stderr and exit 1."""


def silence() -> None:
    """Say nothing from now on: another process says it."""
    global _silent  # One console for each process.
    _silent = True


def say(line: str) -> None:
    if not _silent:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def complain(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
