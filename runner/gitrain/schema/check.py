"""Values → types, through the JSON Schema of their kind.

`msgspec` goes first, because it takes a thousandth of the time; what it refuses goes to
`jsonschema`, which finds every problem at once. Both read the same declarations, and a test checks
that they agree.
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

# Fields whose strings may have several lines.
_MULTILINE = frozenset(
    {"command", "dockerfile", "description", "conda_file", "environment_variables"}
)


def check(value: Any, type_: type[T]) -> tuple[T | None, tuple[Finding, ...]]:
    """The typed document, or everything that is wrong with it."""
    try:
        return msgspec.convert(value, type_), ()
    except msgspec.ValidationError as error:
        return None, tuple(_findings(value, type_)) or (_unforeseen(error),)


def line_breaks(value: Any, path: Path = ()) -> Iterator[Finding]:
    """Each string with a line break or a tab where neither is allowed."""
    if isinstance(value, str):
        if "\n" in value or "\t" in value:
            message = "line breaks and tabs are not allowed here"
            cure = "write one line; `>-` folds several"
            if "\n" not in value:
                cure = "in double quotes `\\t` is a tab: write `/` in a path, or use single quotes"
            yield Finding(path, "control-character", message, cure)
        return
    items: Any = ()
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        if key not in _MULTILINE:
            yield from line_breaks(item, (*path, key))


def _findings(value: Any, type_: type) -> Iterator[Finding]:
    from gitrain.schema import wording

    errors = _validator(type_).iter_errors(value)
    words = (wording.findings(error, generate.of_type(type_)) for error in errors)
    found = chain.from_iterable(words)
    yield from islice(found, MAX_PROBLEMS)
    if next(found, None):
        message = f"stopped after {MAX_PROBLEMS} problems in this document"
        yield Finding((), "too-many-problems", message, "fix them and run it again")


@cache
def _validator(type_: type) -> Any:
    """Built once per type, and only when a manifest is invalid: the import takes 70 ms."""
    jsonschema: Any = import_module("jsonschema.validators")
    draft = jsonschema.Draft202012Validator
    # JSON Schema takes 2.0 for an integer; the types, and readers, do not.
    exact = draft.TYPE_CHECKER.redefine(
        "integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    return jsonschema.extend(draft, type_checker=exact)(generate.of_type(type_))


def _unforeseen(error: msgspec.ValidationError) -> Finding:
    """What only the types refuse: it should not happen, but must not pass if it does."""
    message, _, where = str(error).partition(" - at `$")
    path = tuple(step for step in where.strip("`.").split(".") if step and "[" not in step)
    return Finding(path, "wrong-value", message)
