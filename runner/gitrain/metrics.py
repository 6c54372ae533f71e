"""Metrics that any script can write: `outputs/metrics.jsonl`, read the same everywhere. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator

from gitrain.observed import Metrics, Point


def parse_metrics(text: bytes) -> Metrics:
    """Read one flat JSON object per line.

    `step` or `epoch` is the point's step, else the line number, from 1. Every other number is a
    metric; NaN and Infinity are numbers, true and false are not. The last value for a step counts.
    Other lines are skipped, such as a last one that is still being written.
    """
    series: dict[str, dict[int, float]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        for name, step, value in _points(line, number):
            series.setdefault(name, {})[step] = value
    return {
        name: tuple(Point(step, value) for step, value in sorted(points.items()))
        for name, points in series.items()
    }


def _points(line: bytes, number: int) -> Iterator[tuple[str, int, float]]:
    try:
        # The standard library's parser: others refuse NaN, which training may well produce.
        row = json.loads(line)
    except (ValueError, RecursionError):
        return
    if not isinstance(row, dict):
        return
    step_name = next((name for name in ("step", "epoch") if _whole(row.get(name))), "")
    step = int(row[step_name]) if step_name else number
    for name, value in row.items():
        if name not in ("step", "epoch") and _number(value):
            yield name, step, _float(value)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: object) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return _number(value)


def _float(value: int | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
