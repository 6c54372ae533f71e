"""From Azure ML's metrics, and from `outputs/metrics.jsonl`, to series. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gitrain.observed import Metrics, Point, Series


def series(metrics: Iterable[Mapping[str, Any]]) -> Metrics:
    """The series of the metrics that have numbers. A column of a table is `METRIC.COLUMN`."""
    found: dict[str, Series] = {}
    for metric in metrics:
        name, rows = str(metric.get("name")), metric.get("value") or ()
        columns = metric.get("columns") or {name: "double"}
        for column in columns:
            points = _points(rows, column)
            if points:
                found[name if column == name else f"{name}.{column}"] = points
    return found


def _points(rows: Sequence[Mapping[str, Any]], column: str) -> Series:
    values = [
        (_step(row), value)
        for row in rows
        if (value := _number((row.get("data") or {}).get(column))) is not None
    ]
    steps = {step for step, _ in values}
    if len(values) > 1 and (len(steps) == 1 or None in steps):
        # Logged without a step: the order is all there is.
        return tuple(Point(number, value) for number, (_, value) in enumerate(values, start=1))
    # Of two values for a step the last holds.
    latest = {step or 0: value for step, value in values}
    return tuple(Point(step, value) for step, value in sorted(latest.items()))


def _step(row: Mapping[str, Any]) -> int | None:
    step = row.get("step")
    return int(step) if isinstance(step, int | float) else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        # JSON has no NaN and no infinity: the service writes them as texts.
        return float(value) if value.strip("-+") in ("NaN", "Infinity", "nan", "inf") else None
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    return None


def from_lines(text: bytes) -> Metrics:
    """The series in `outputs/metrics.jsonl`: one flat object a line, `step` or `epoch` its step.

    A line that is no such object, as the last may be while it is written, is skipped.
    """
    found: dict[str, dict[int, float]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        for name, step, value in _line(line, number):
            found.setdefault(name, {})[step] = value
    return {
        name: tuple(Point(step, value) for step, value in sorted(points.items()))
        for name, points in found.items()
    }


def _line(line: bytes, number: int) -> Iterator[tuple[str, int, float]]:
    try:
        # The standard library's parser: the others refuse NaN, and a training may well reach it.
        row = json.loads(line)
    except (ValueError, RecursionError):
        return
    if not isinstance(row, dict):
        return
    steps = (row[name] for name in ("step", "epoch") if _whole(row.get(name)))
    step = int(next(steps, number))
    for name, value in row.items():
        if name not in ("step", "epoch") and not isinstance(value, str):
            found = _number(value)
            if found is not None:
                yield name, step, found


def _whole(value: object) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)
