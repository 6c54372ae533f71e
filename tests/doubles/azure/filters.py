"""The part of OData that the SDK writes: filters, order, pages."""

import operator
import re
from collections.abc import Callable
from typing import Any

from .answers import Refused

Test = Callable[[dict[str, Any]], bool]
TOKEN = re.compile(r'\s*([()]|"[^"]*"|\'[^\']*\'|[^\s()]+)')
COMPARE = {
    "eq": operator.eq,
    "ne": operator.ne,
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
}


def parse(text: str) -> Test:
    """A test of a body; empty text takes all. Tags and properties are maps: `Tags/name`."""
    if not text.strip():
        return lambda body: True
    parser = _Parser(TOKEN.findall(text))
    test = parser.either()
    if parser.left:
        raise Refused(400, f"Invalid filter near '{parser.left[0]}': {text}")
    return test


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self.left = tokens

    def either(self) -> Test:
        tests = [self.both()]
        while self._next_is("or"):
            tests.append(self.both())
        return lambda body: any(test(body) for test in tests)

    def both(self) -> Test:
        tests = [self.one()]
        while self._next_is("and"):
            tests.append(self.one())
        return lambda body: all(test(body) for test in tests)

    def one(self) -> Test:
        if self._next_is("("):
            inner = self.either()
            if not self._next_is(")"):
                raise Refused(400, "Invalid filter: a parenthesis is open.")
            return inner
        if len(self.left) < 3 or self.left[1] not in COMPARE:
            raise Refused(400, f"Invalid filter near '{' '.join(self.left[:3])}'.")
        field, compare = self.left.pop(0), COMPARE[self.left.pop(0)]
        return _comparison(field, compare, self._value())

    def _value(self) -> str | None:
        word = self.left.pop(0)
        if word[0] in "\"'":
            return word[1:-1]
        # A bare date and its time of day are two words.
        while self.left and self.left[0] not in ("and", "or", ")", "("):
            word += " " + self.left.pop(0)
        return None if word == "null" else word

    def _next_is(self, word: str) -> bool:
        if self.left and self.left[0] == word:
            self.left.pop(0)
            return True
        return False


def _comparison(field: str, compare: Callable[[Any, Any], bool], wanted: str | None) -> Test:
    def test(body: dict[str, Any]) -> bool:
        value = lookup(body, field)
        if value is None and "/" in field:
            # A tag that a run lacks compares with nothing, not even with null: the SDK asks
            # `Tags/x ne null or Tags/x eq null` for "has the tag".
            return False
        if compare in (operator.eq, operator.ne) or value is None or wanted is None:
            given = None if value is None else str(value)
            return compare in (operator.eq, operator.ne) and compare(given, wanted)
        # Moments are written alike but for the T between date and time.
        return compare(str(value).replace("T", " "), wanted.replace("T", " "))

    return test


def lookup(body: dict[str, Any], field: str) -> Any:
    """A field by its OData name: `StartTimeUtc`, `Tags/x`, `RunTypeV2/Traits/y`."""
    value: Any = body
    for step in field.split("/"):
        if isinstance(value, list):
            return step if step in value else None
        if not isinstance(value, dict):
            return None
        value = value[step] if step in value else value.get(step[:1].lower() + step[1:])
    return value


def page(found: list[Any], asked: dict[str, Any], most: int) -> dict[str, Any]:
    """The part of a list that `continuationToken` and `top` ask for, as `orderby` sorts it."""
    order = asked.get("orderby") or ""
    words = (order[0] if isinstance(order, list) and order else order or "").split()
    if words:
        found = sorted(
            found, key=lambda one: _rank(one, words[0]), reverse=words[-1].lower() == "desc"
        )
    start = int(asked.get("continuationToken") or 0)
    size = min(int(asked.get("top") or most), most)
    more = str(start + size) if start + size < len(found) else None
    return {"value": found[start : start + size], "continuationToken": more, "nextLink": None}


def _rank(body: dict[str, Any], field: str) -> tuple[bool, str, str]:
    # What has not started yet is the newest of all.
    value = lookup(body, field)
    return value is None, str(value), str(body.get("createdUtc"))
