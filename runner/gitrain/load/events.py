"""The events of a YAML text, from the C parser where there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, Protocol, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from gitrain.load import syntax
from gitrain.load.text import Flaw, FlawError

_MOST_TWICE = 64 * 1024  # characters; the pure parser takes a second for 100,000 hostile ones


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
    taker, flaw = _fed(text, begin(), in_c=CParser is not None)
    if flaw and flaw.code == syntax.CODE and CParser is not None and len(text) <= _MOST_TWICE:
        return _fed(text, begin(), in_c=False)
    return taker, flaw


def _fed(text: str, taker: Taker, *, in_c: bool) -> tuple[Taker, Flaw | None]:
    try:
        take = taker.take
        for event in _events_in_c(text) if in_c else YAML(typ="safe", pure=True).parse(text):
            take(event)
    except YAMLError as error:
        return taker, syntax.flaw(error, text)
    except FlawError as error:
        return taker, error.flaw
    return taker, None


def _events_in_c(text: str) -> Iterator[Any]:
    return iter(CParser(text).get_event, None)
