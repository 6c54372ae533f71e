"""The values of secrets: read only when needed, never stored, and hidden in errors."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from urllib.parse import quote, quote_plus

from gitrain.errors import WorkspaceError

# The names of the variables whose values no error may quote now.
_HIDDEN: ContextVar[tuple[str, ...]] = ContextVar("hidden", default=())


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
    token = _HIDDEN.set((*_HIDDEN.get(), *names))
    try:
        yield
    except WorkspaceError as error:
        raise type(error)(hidden(str(error))) from None
    finally:
        _HIDDEN.reset(token)


def hidden(text: str) -> str:
    """A text without the values of the secrets that are being hidden, however they are written."""
    values = {value for name in _HIDDEN.get() if (value := os.environ.get(name))}
    written = {form for value in values for form in _written(value) if form}
    # The longest first: one secret may begin with another.
    ordered = sorted(written, key=lambda form: (-len(form), form))
    return reduce(lambda shown, form: shown.replace(form, "***"), ordered, text)


def quoted_line(text: str, most: int = 400) -> str:
    """What someone else says, on one line of at most `most` characters.

    Secrets are hidden first: half of one that is cut would not be recognised.
    """
    return hidden(" ".join(hidden(text).split()))[:most]


def _written(value: str) -> Iterator[str]:
    """A value as it is, on one line, as part of JSON, and as part of an address."""
    yield value
    yield " ".join(value.split())
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield quote(value, safe="")
    yield quote_plus(value)
