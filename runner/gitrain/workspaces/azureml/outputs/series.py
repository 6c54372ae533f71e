"""Turns Azure ML's metrics into series, and keeps a few points of each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite, isnan
from typing import Any

import msgspec

from gitrain.observed import Metrics, Point, Series
from gitrain.workspaces.azureml.runs.pieces import counted, decoded, uncounted

SUMMARY = "gitrain_metrics"
_SUMMARY_PIECES = 6


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


def extremes(metrics: Metrics) -> Metrics:
    """Each series with only its last, smallest and largest point, which is all that a gate or a
    table reads."""
    found = {}
    for name, points in metrics.items():
        numbers = [point for point in points if not isnan(point.value)]
        ends = {points[-1], *(f(numbers, key=lambda p: p.value) for f in (min, max) if numbers)}
        found[name] = tuple(point for point in points if point in ends)
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
    # Of two values for a step, the last one counts.
    latest = {step or 0: value for step, value in values}
    return tuple(Point(step, value) for step, value in sorted(latest.items()))


def _step(row: Mapping[str, Any]) -> int | None:
    step = row.get("step")
    return int(step) if isinstance(step, int | float) else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        # JSON has no NaN and no infinity: the service writes them as strings.
        return float(value) if value.strip("-+") in ("NaN", "Infinity", "nan", "inf") else None
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    return None


def summary_tags(metrics: Metrics) -> dict[str, str]:
    """The tags that keep a few points of each metric; none when there are too many."""
    rows = {name: [(p.step, _written(p.value)) for p in series] for name, series in metrics.items()}
    tags = counted(SUMMARY, msgspec.json.encode(rows))
    return tags if len(tags) <= _SUMMARY_PIECES else {}


def kept_summary(existing: Mapping[str, str]) -> Metrics | None:
    """What `summary_tags` wrote; None when it is missing or damaged."""
    rows = decoded(uncounted(SUMMARY, existing), dict[str, tuple[tuple[int, float | str], ...]])
    if rows is None:
        return None
    return {name: tuple(Point(s, float(v)) for s, v in points) for name, points in rows.items()}


def _written(value: float) -> float | str:
    # JSON has no NaN and no infinity.
    return value if isfinite(value) else repr(value)
