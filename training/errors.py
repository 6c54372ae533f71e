"""What a person can put right."""


class TrainingError(Exception):
    """A wrong flag, bad data or an unreachable server: one line on stderr and exit 1."""
