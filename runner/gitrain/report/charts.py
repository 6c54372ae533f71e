"""Curves as Mermaid charts, which GitHub draws."""

from __future__ import annotations

import math
import re

from gitrain.observed import Series
from gitrain.report.escape import fenced

POINTS = 60
"""Most points of a curve: more do not show on a chart of that size."""

_UNSAFE = re.compile(r"[^\w ./()-]", re.ASCII)


def chart(name: str, series: Series) -> str:
    """A fenced block; "" for a series with less than two numbers."""
    points = [point for point in series if math.isfinite(point.value)]
    if len(points) < 2:
        return ""
    shown = min(len(points), POINTS)
    chosen = [points[i * (len(points) - 1) // (shown - 1)] for i in range(shown)]
    title = _UNSAFE.sub("_", name)[:60]
    values = ", ".join(f"{point.value:.6g}" for point in chosen)
    low, high = _bounds([point.value for point in chosen])
    lines = [
        "xychart-beta",
        f'  title "{title}"',
        f'  x-axis "step" {chosen[0].step} --> {max(chosen[-1].step, chosen[0].step + 1)}',
        f"  y-axis {low:.6g} --> {high:.6g}",
        f"  line [{values}]",
    ]
    return fenced("\n".join(lines), "mermaid")


def _bounds(values: list[float]) -> tuple[float, float]:
    """A little more than the values take: an axis must have a length."""
    low, high = min(values), max(values)
    margin = (high / 20 - low / 20) or abs(high) / 20 or 1.0
    return low - margin, high + margin
