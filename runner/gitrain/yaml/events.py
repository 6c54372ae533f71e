"""The events of a YAML text, from the C parser where there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, Protocol, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from gitrain.yaml import errors as syntax
from gitrain.yaml.decode import Flaw, FlawError

# Characters that the pure parser reads. Near a mebibyte there are texts (a tag of a million
# letters) that take it a quarter of a minute; of this size, half a second.
_MOST_IN_PYTHON = 128 * 1024

_TOO_LONG = Flaw(
    "too-large",
    f"without ruamel.yaml's C parser at most {_MOST_IN_PYTHON:,} characters of a file are read",
    suggestion="pip install ruamel.yaml.clib, or split the file",
)


class _Takes(Protocol):
    def take(self, event: Any) -> None: ...


Taker = TypeVar("Taker", bound=_Takes)
CParser: Any
try:
    CParser = import_module("ruamel.yaml.cyaml").CParser
except ImportError:  # without the C parser all works as well, twenty times slower
    CParser = None


def feed(text: str, begin: Callable[[], Taker]) -> tuple[Taker, Flaw | None]:
    """Hand each event of a text to what `begin` makes; the flaw is why it ended early.

    The C parser knows YAML 1.1 only, and refuses `{compute: azureml:cpu}`. The last word on what is
    YAML is the 1.2 parser's: it is slow, but few files come that way.
    """
    short = len(text) <= _MOST_IN_PYTHON
    if CParser is None:
        return _fed(text, begin(), _events_in_python) if short else (begin(), _TOO_LONG)
    taker, flaw = _fed(text, begin(), _events_in_c)
    if flaw and flaw.code == syntax.CODE and short:
        return _fed(text, begin(), _events_in_python)
    return taker, flaw


def _fed(
    text: str, taker: Taker, events: Callable[[str], Iterator[Any]]
) -> tuple[Taker, Flaw | None]:
    try:
        take = taker.take
        for event in events(text):
            take(event)
    except YAMLError as error:
        return taker, syntax.flaw(error, text)
    except FlawError as error:
        return taker, error.flaw
    return taker, None


def _events_in_c(text: str) -> Iterator[Any]:
    return iter(CParser(text).get_event, None)


def _events_in_python(text: str) -> Iterator[Any]:
    """The pure parser's events; what it trips over (`%YAML 1.111…1`) is an error of the text."""
    yaml = YAML(typ="safe", pure=True)
    try:
        yield from yaml.parse(text)
    except YAMLError:
        raise
    except Exception as error:
        problem = f"the parser cannot go on ({type(error).__name__})"
        raise MarkedYAMLError(problem=problem, problem_mark=yaml.reader.get_mark()) from error
