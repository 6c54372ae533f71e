"""The values of secrets: read only when needed, never stored, and hidden in errors."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import reduce

from gitrain.errors import WorkspaceError


def read(name: str) -> str:
    """The value of an environment variable. Raises WorkspaceError if it is not set."""
    value = os.environ.get(name)
    if value is None:
        raise WorkspaceError(f"the environment variable {name} is not set")
    return value


def absent(names: Iterable[str]) -> frozenset[str]:
    """The environment variables that are not set. Reads the environment: not for use in `plan`."""
    return frozenset(name for name in names if name not in os.environ)


@contextmanager
def hiding(names: Iterable[str]) -> Iterator[None]:
    """Keep the values of secrets out of an error: a service may quote what it was sent."""
    try:
        yield
    except WorkspaceError as error:
        values = (value for name in names if (value := os.environ.get(name)))
        text = reduce(lambda shown, value: shown.replace(value, "***"), values, str(error))
        raise type(error)(text) from None
