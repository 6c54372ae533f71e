"""GitHub's expressions, as far as the workflows use them. What it does not know it refuses.

By GitHub's rules: `&&` and `||` return an operand, strings are compared without regard to case,
unequal types as numbers, and a property that is not there is null, which prints as nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Functions = Mapping[str, Callable[..., Any]]

_TOKENS = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>\|\||&&|==|!=|[!().,]))"
)
_WORDS = {"true": True, "false": False, "null": None}
_STATUS = re.compile(r"\b(always|cancelled|failure|success)\s*\(")


class UnknownExpression(Exception):
    """An expression that these rules do not cover."""


def evaluate(text: str, contexts: Mapping[str, Any], functions: Functions | None = None) -> Any:
    """The value of what stands between `${{` and `}}`."""
    parser = _Parser(_tokens(text), contexts, {"format": _format, **(functions or {})})
    value = parser.either()
    if parser.left:
        raise UnknownExpression(f"{text}: {parser.left[0][1]}")
    return value


def filled(text: str, contexts: Mapping[str, Any], functions: Functions | None = None) -> str:
    """A text with its `${{ }}` replaced."""
    return re.sub(
        r"\$\{\{(.*?)\}\}",
        lambda found: shown(evaluate(found[1], contexts, functions)),
        text,
        flags=re.DOTALL,
    )


def holds(condition: Any, contexts: Mapping[str, Any], functions: Functions) -> bool:
    """Whether an `if` lets something run: with `success()`, unless it asks for a status itself."""
    if condition is None:
        return bool(functions["success"]())
    text = str(condition).strip()
    inner = re.fullmatch(r"\$\{\{(.*)\}\}", text, re.DOTALL)
    text = inner[1] if inner else text
    if not _STATUS.search(text) and not functions["success"]():
        return False
    return truth(evaluate(text, contexts, functions))


def truth(value: Any) -> bool:
    """Objects and lists are true, also empty ones."""
    return isinstance(value, dict | list) or value not in (None, False, 0, "")


def shown(value: Any) -> str:
    """How a value prints."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: ""}[value]
    if isinstance(value, dict | list):
        raise UnknownExpression("an object printed")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKENS.match(text, at)
        if not match:
            raise UnknownExpression(text)
        found.append((match.lastgroup or "", match[match.lastgroup or 0]))
        at = match.end()
    return found


class _Parser:
    def __init__(
        self, tokens: list[tuple[str, str]], contexts: Mapping[str, Any], functions: Functions
    ) -> None:
        self.left = tokens
        self._contexts = contexts
        self._functions = functions

    def _take(self, sign: str) -> bool:
        if self.left and self.left[0] == ("sign", sign):
            self.left.pop(0)
            return True
        return False

    def either(self) -> Any:
        value = self._both()
        while self._take("||"):
            other = self._both()
            value = value if truth(value) else other
        return value

    def _both(self) -> Any:
        value = self._compared()
        while self._take("&&"):
            other = self._compared()
            value = other if truth(value) else value
        return value

    def _compared(self) -> Any:
        value = self._single()
        if self._take("=="):
            return _equal(value, self._single())
        if self._take("!="):
            return not _equal(value, self._single())
        return value

    def _single(self) -> Any:
        if self._take("!"):
            return not truth(self._single())
        if self._take("("):
            value = self.either()
            self._close()
            return value
        if not self.left:
            raise UnknownExpression("it ends too early")
        kind, text = self.left.pop(0)
        if kind == "string":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text)
        if kind != "name":
            raise UnknownExpression(text)
        if text in _WORDS:
            return _WORDS[text]
        return self._call(text) if self._take("(") else self._property(text)

    def _call(self, name: str) -> Any:
        if name not in self._functions:
            raise UnknownExpression(f"the function {name}")
        arguments = []
        while not self._take(")"):
            arguments.append(self.either())
            self._take(",")
        return self._functions[name](*arguments)

    def _property(self, name: str) -> Any:
        if name not in self._contexts:
            raise UnknownExpression(f"the context {name}")
        value = self._contexts[name]
        while self._take("."):
            kind, key = self.left.pop(0)
            if kind != "name":
                raise UnknownExpression(key)
            value = value.get(key) if isinstance(value, Mapping) else None
        return value

    def _close(self) -> None:
        if not self._take(")"):
            raise UnknownExpression("a parenthesis that is not closed")


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return one is other
    return _number(one) == _number(other)


def _number(value: Any) -> float:
    if value is None or value == "":
        return 0.0
    try:
        return float(value)
    except ValueError:
        return math.nan


def _format(text: str, *values: Sequence[Any]) -> str:
    return re.sub(r"\{(\d+)\}", lambda found: shown(values[int(found[1])]), text)
