"""From Azure ML's metrics, and from `outputs/metrics.jsonl`, to series. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
