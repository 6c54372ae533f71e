"""Curves as Mermaid charts, which GitHub draws."""

from __future__ import annotations

import re
from decimal import Decimal

from gitrain.observed import Series
from gitrain.report.markdown.escape import fenced

POINTS = 60
"""The most points of a curve: more would not show on a chart of that size."""

_LEAST, _MOST = 1e-12, 1e15
_UNSAFE = re.compile(r"[^\w ./()-]", re.ASCII)


def chart(name: str, series: Series) -> str:
    """A fenced block; "" for a series with fewer than two numbers."""
    points = [point for point in series if abs(point.value) < _MOST]  # NaN is not
    if len(points) < 2:
        return ""
    shown = min(len(points), POINTS)
    chosen = [points[i * (len(points) - 1) // (shown - 1)] for i in range(shown)]
    title = _UNSAFE.sub("_", name)[:60]
    values = ", ".join(_decimal(point.value) for point in chosen)
    low, high = _bounds([point.value for point in chosen])
    lines = [
        "xychart-beta",
        f'  title "{title}"',
        f'  x-axis "step" {chosen[0].step} --> {max(chosen[-1].step, chosen[0].step + 1)}',
        f"  y-axis {_decimal(low)} --> {_decimal(high)}",
        f"  line [{values}]",
    ]
    return fenced("\n".join(lines), "mermaid")


def _bounds(values: list[float]) -> tuple[float, float]:
    """A little more than the values span: an axis must have a length."""
    low, high = min(values), max(values)
    size = max(abs(low), abs(high))
    margin = (high - low) / 20 if high - low > size * 1e-6 else size / 20
    margin = margin if margin > _LEAST else 1.0
    return low - margin, high + margin


def _decimal(value: float) -> str:
    """Eight digits and no exponent, which Mermaid does not support."""
    return format(Decimal(f"{value:.8g}"), "f") if abs(value) > _LEAST else "0"
