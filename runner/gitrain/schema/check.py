"""Values → types, through the JSON Schema of their kind.

`msgspec` is asked first, for it answers in a thousandth of the time; what it refuses is shown to
`jsonschema`, which finds every problem at once. Both read the same declarations, and a test holds
them to the same verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from itertools import chain, islice
from typing import Any, TypeVar

import msgspec

from gitrain.document import Path
from gitrain.errors import MAX_PROBLEMS
from gitrain.schema import generate
from gitrain.schema.finding import Finding

T = TypeVar("T")

# Fields in which a text may have several lines.
_MULTILINE = frozenset(
    {"command", "dockerfile", "description", "conda_file", "environment_variables"}
)


def check(value: Any, type_: type[T]) -> tuple[T | None, tuple[Finding, ...]]:
    """The typed document, or everything that is wrong with it."""
    try:
        return msgspec.convert(value, type_), ()
    except msgspec.ValidationError as error:
        return None, tuple(_findings(value, type_.__name__)) or (_unforeseen(error),)


def line_breaks(value: Any, path: Path = ()) -> Iterator[Finding]:
    """Each text with a line break or a tab where none belongs."""
    if isinstance(value, str):
        if "\n" in value or "\t" in value:
            message = "a line break or a tab is not allowed here"
            yield Finding(path, "control-character", message, "write it on one line; `>-` folds")
        return
    items: Any = ()
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        if key not in _MULTILINE:
            yield from line_breaks(item, (*path, key))


def _findings(value: Any, kind: str) -> Iterator[Finding]:
    from gitrain.schema import wording

    errors = _validator(kind).iter_errors(value)
    words = (wording.findings(error, generate.of_kind(kind)) for error in errors)
    found = chain.from_iterable(words)
    yield from islice(found, MAX_PROBLEMS)
    if next(found, None):
        message = f"the document has more than {MAX_PROBLEMS} problems: these are the first"
        yield Finding((), "too-many-problems", message, "mend them, then look again")


@cache
def _validator(kind: str) -> Any:
    """Built once a kind, and not at all while all manifests are right: it costs 70 ms to import."""
    jsonschema: Any = import_module("jsonschema.validators")
    draft = jsonschema.Draft202012Validator
    # To JSON Schema 2.0 is an integer; to the types, and to a reader, it is not.
    exact = draft.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    return jsonschema.extend(draft, type_checker=exact)(generate.of_kind(kind))


def _unforeseen(error: msgspec.ValidationError) -> Finding:
    """What only the types refuse: it should not happen, and must not pass."""
    message, _, where = str(error).partition(" - at `$")
    path = tuple(step for step in where.strip("`.").split(".") if step and "[" not in step)
    return Finding(path, "wrong-value", message)
