"""The events of a YAML text, from the C parser where it is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, Protocol, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from gitrain.yaml import errors as syntax
from gitrain.yaml.decode import Flaw, FlawError

# The most characters that the pure parser reads. Some texts of a mebibyte (a tag of a million
# letters) take it fifteen seconds; at this size they take half a second.
_MOST_IN_PYTHON = 128 * 1024

_TOO_LONG = Flaw(
    "too-large",
    f"without ruamel.yaml's C parser a file may have at most {_MOST_IN_PYTHON:,} characters",
    suggestion="pip install ruamel.yaml.clib, or split the file",
)


class _Takes(Protocol):
    def take(self, event: Any) -> None: ...


Taker = TypeVar("Taker", bound=_Takes)
CParser: Any
try:
    CParser = import_module("ruamel.yaml.cyaml").CParser
except ImportError:  # everything works without the C parser, only twenty times slower
    CParser = None


def feed(text: str, begin: Callable[[], Taker]) -> tuple[Taker, Flaw | None]:
    """Pass each event of a text to what `begin` makes; the flaw says why it ended early.

    The C parser knows only YAML 1.1, and refuses `{compute: azureml:cpu}`. The 1.2 parser has the
    last word on what is valid: it is slow, but few files need it.
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
    """The pure parser's events; when it crashes (`%YAML 1.111…1`), the text is at fault."""
    yaml = YAML(typ="safe", pure=True)
    try:
        yield from yaml.parse(text)
    except YAMLError:
        raise
    except Exception as error:
        problem = f"the parser failed ({type(error).__name__})"
        raise MarkedYAMLError(problem=problem, problem_mark=yaml.reader.get_mark()) from error
