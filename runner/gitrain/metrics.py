"""Metrics that any script can write: `outputs/metrics.jsonl`, read the same everywhere. Pure.

What a run wrote is input from outside. So there is a limit to everything, and what is kept of a
value is its sixteen bytes.
"""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from gitrain.observed import Metrics, Point, Series

MOST_BYTES = 256 << 20
MOST_IN_A_LINE = 1 << 20
MOST_NAMES = 1_000
MOST_IN_A_NAME = 250
MOST_VALUES = 10_000_000
# What is shown of them all; below it every value is.
MOST_SHOWN = 1_000_000
_STEPS = range(-(2**63), 2**63)


class MetricsError(Exception):
    """The metrics are beyond a limit; the message says which."""


class MetricsReader:
    """Takes in a file piece by piece, and can tell at any time what is in it so far.

    Each line is a flat JSON object. `step` or `epoch` is the point's step, if it is an integer of
    64 bits, else the number of the line, from 1. Every other number is a metric; NaN and Infinity
    are numbers, true and false are not. Of two values for a step the last holds. A line that is no
    such object, as the last may be while it is written, is skipped.
    """

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}
        self._lines = 0
        self._values = 0
        self._rest = b""

    def feed(self, piece: bytes) -> MetricsReader:
        """Take in what follows; pieces may be cut anywhere. Raises MetricsError."""
        text = self._rest + piece
        end = text.rfind(b"\n") + 1
        self._rest = text[end:]
        if len(self._rest) > MOST_IN_A_LINE:
            raise MetricsError(_LONG_LINE)
        for row in _rows(text[:end]):
            self._lines += 1
            if row:
                self._take(row)
        return self

    def series(self) -> Metrics:
        """Every value; of more than a million, every n-th and those that gates look at."""
        each = max(MOST_SHOWN // max(len(self._columns), 1), 3)
        return {name: column.points(each) for name, column in self._all()}

    def extremes(self) -> Metrics:
        """The last, smallest and largest point of each series: what gates and tables read."""
        return {name: column.points(0) for name, column in self._all()}

    def _all(self) -> Iterator[tuple[str, _Column]]:
        """The columns, with what the last line adds although it may not be ended yet."""
        added: dict[str, _Column] = {}
        for number, row in enumerate(_rows(self._rest), start=self._lines + 1):
            for name, step, value in _points(row, number):
                added.setdefault(name, _Column()).add(step, value)
        for name in dict.fromkeys((*self._columns, *added)):
            column, more = self._columns.get(name), added.get(name)
            yield name, column + more if column and more else column or more or _Column()

    def _take(self, row: dict[str, Any]) -> None:
        for name, step, value in _points(row, self._lines):
            column = self._columns.get(name)
            if column is None:
                column = self._columns[name] = _Column()
                if len(self._columns) > MOST_NAMES:
                    raise MetricsError(f"more than {MOST_NAMES:,} names")
                if len(name) > MOST_IN_A_NAME:
                    raise MetricsError(f"a name of more than {MOST_IN_A_NAME} characters")
            column.add(step, value)
            self._values += 1
        if self._values > MOST_VALUES:
            raise MetricsError(f"more than {MOST_VALUES:,} values")


_LONG_LINE = f"a line of more than {MOST_IN_A_LINE >> 20} MiB"


class _Column:
    """The values of one metric, as they came."""

    def __init__(self) -> None:
        self._steps = array("q")
        self._values = array("d")
        self._ascending = True

    def add(self, step: int, value: float) -> None:
        if self._ascending and self._steps and step <= self._steps[-1]:
            self._ascending = False
        self._steps.append(step)
        self._values.append(value)

    def __add__(self, more: _Column) -> _Column:
        both = _Column()
        both._steps, both._values = self._steps + more._steps, self._values + more._values
        both._ascending = self._ascending and more._ascending and self._steps[-1] < more._steps[0]
        return both

    def points(self, most: int) -> Series:
        """The points by step: at most about `most`, with the last, the smallest and the largest."""
        steps, values = self._steps, self._values
        if not self._ascending:
            steps, values = _sorted(steps, values)
        return tuple(Point(steps[i], values[i]) for i in _chosen(values, most))


def _sorted(steps: array[int], values: array[float]) -> tuple[array[int], array[float]]:
    """By step; of those of one step the last. Sorting is stable, and fast on what nearly is."""
    order = sorted(range(len(steps)), key=steps.__getitem__)
    kept = [i for i, after in pairwise(order) if steps[i] != steps[after]]
    kept += order[-1:]
    return array("q", (steps[i] for i in kept)), array("d", (values[i] for i in kept))


def _chosen(values: Sequence[float], most: int) -> Iterable[int]:
    """Which of the values are shown."""
    if len(values) <= most:
        return range(len(values))
    ends = {values.index(end) for end in _ends(values)}
    evenly = range(0, len(values), -(-len(values) // most)) if most else ()
    return sorted({*evenly, *ends, len(values) - 1})


def _ends(values: Sequence[float]) -> tuple[float, ...]:
    """The smallest and the largest that is a number."""
    if not any(map(math.isnan, values)):
        return min(values), max(values)
    numbers = [value for value in values if not math.isnan(value)]
    return (min(numbers), max(numbers)) if numbers else ()


_decode_lines = msgspec.json.Decoder(dict[str, Any]).decode_lines


def _rows(text: bytes) -> Iterable[dict[str, Any]]:
    """What each line holds; nothing for one that is not an object."""
    lines = text.count(b"\n")
    # Where each begins and ends as an object does, as many objects as lines are one in each.
    if lines == text.count(b"}\n") == text.count(b"\n{") + text.startswith(b"{") > 0:
        try:
            rows = _decode_lines(text)
        except (ValueError, RecursionError):
            rows = []
        if len(rows) == lines and b"\r" not in text:
            return rows
    return map(_row, text.splitlines())


def _row(line: bytes) -> dict[str, Any]:
    if len(line) > MOST_IN_A_LINE:
        raise MetricsError(_LONG_LINE)
    try:
        # The standard library's parser: others refuse NaN, which training may well produce.
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def _points(row: dict[str, Any], number: int) -> Iterable[tuple[str, int, float]]:
    step = number
    for name in ("step", "epoch"):
        if _whole(row.get(name)):
            step = int(row[name])
            break
    return [
        (name, step, value if type(value) is float else _float(value))
        for name, value in row.items()
        # Most are; the other questions are asked of the rest.
        if (type(value) is float or _number(value)) and name not in ("step", "epoch")
    ]


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: object) -> bool:
    if isinstance(value, float):
        return value.is_integer() and int(value) in _STEPS
    return type(value) is int and value in _STEPS


def _float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
