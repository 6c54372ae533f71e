"""The YAML parser's errors, reworded to say what to do."""

from __future__ import annotations

import re
from typing import Any

from gitrain.yaml.decode import Flaw

CODE = "yaml-syntax"

# The C parser and the pure one word some errors differently: each is recognised by part of either.
_WORDS = (
    (("cannot start any token",), "`{character}` cannot begin a value", "put the value in quotes"),
    (
        ("mapping values are not allowed",),
        "unexpected `: `",
        "put text that contains `: ` in quotes, or fix the indentation",
    ),
    (
        ("could not find expected ':'", 'could not find expected ":"'),
        "a key is missing its `:`",
        "write `key: value`, with a space after the colon",
    ),
    (("',' or ']'",), "this list is not closed, or a comma is missing", "close it with `]`"),
    (("',' or '}'",), "this mapping is not closed, or a comma is missing", "close it with `}}`"),
    (
        ("block end", "'-' indicator", "expected key", "block collection", "block sequence"),
        "the indentation does not match the lines above",
        "indent it like the other entries of its mapping or list",
    ),
    (("quoted scalar",), "a quoted string is not closed", "close the quotes"),
    (
        ("escape character", "hexdecimal", "hexadecimal"),
        "unknown escape sequence",
        "use single quotes, or double the `\\`",
    ),
    (("tag handle", "while scanning a tag", "tag directive"), "invalid tag", "remove it"),
)


def flaw(error: Any, text: str) -> Flaw:
    """The flaw in `text` that a YAMLError of the parser describes."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    said = f"{getattr(error, 'context', None) or ''} {problem}"
    line, column = _inside(text, mark) if mark else (1, 1)
    if tabbed := _tab(text, line):
        return tabbed
    if "${{" in text.split("\n")[line - 1][: column + 3]:
        message = "`${{ … }}` must be in quotes inside `{ }` or `[ ]`"
        return Flaw(CODE, message, line, column, 'write `"${{ … }}"`')
    opened = getattr(error, "context_mark", None)
    for parts, message, suggestion in _WORDS:
        if any(part in said for part in parts):
            if "not closed" in message and opened:
                line, column = opened.line + 1, opened.column + 1
            message = message.format(character=_character(text, line, column))
            return Flaw(CODE, message, line, column, suggestion.format())
    return Flaw(CODE, f"this is not valid YAML: {problem}", line, column, "fix the syntax")


def _inside(text: str, mark: Any) -> tuple[int, int]:
    """The position of a mark; the C parser reports the end of a file one line below the last."""
    lines = text.split("\n")
    if mark.line < len(lines):
        return mark.line + 1, mark.column + 1
    return len(lines), len(lines[-1]) + 1


def _tab(text: str, line: int) -> Flaw | None:
    """A tab that indents the line where the parser stopped, or the one before it."""
    lines = text.split("\n")
    for number in (line, line - 1):
        if 1 <= number <= len(lines) and (
            match := re.match(r" *(?:- *)*(?=\t)", lines[number - 1])
        ):
            message = "this line is indented with a tab"
            return Flaw("tab", message, number, match.end() + 1, "indent with spaces")
    return None


def _character(text: str, line: int, column: int) -> str:
    return text.split("\n")[line - 1][column - 1 : column]
