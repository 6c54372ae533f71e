"""Metrics as text: one run compared with the previous one, and variants side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gitrain.observed import Run, Series
from gitrain.report.compare import Measure, MetricsReport, Variant
from gitrain.report.safe import number, plain, short, signed, value
from gitrain.report.text.columns import Cell, Style, aligned, unstyled
from gitrain.report.text.status import run_name

_BARS = "▁▂▃▄▅▆▇█"
_MOST_BARS = 16
NO_METRICS = (
    "No metrics. Write them as JSON lines to outputs/metrics.jsonl; "
    "on Azure ML those of MLflow count too."
)


def metrics_text(report: MetricsReport, style: Style = unstyled) -> str:
    """One row per metric: its value, that of the previous run, the change, and the history."""
    lines = [style(f"{plain(report.job)}: {_told(report.run)}", "bold")]
    if report.previous:
        lines.append(f"previous: {_told(report.previous)}")
    if not report.measures:
        return "\n".join([*lines, "", NO_METRICS]) + "\n"
    titles: list[Cell] = [
        (title, "dim") for title in ("METRIC", "VALUE", "PREVIOUS", "CHANGE", "HISTORY")
    ]
    return "\n".join([*lines, "", *aligned([titles, *map(_row, report.measures)], style)]) + "\n"


def _told(run: Run) -> str:
    commit = f" at {short(run.commit, run.dirty)}" if run.commit else ""
    return f"{plain(run.id)}, {run.phase.value}{commit}"


def _row(measure: Measure) -> list[Cell]:
    return [
        (plain(measure.name), ""),
        (number(measure.value), "bold"),
        (number(measure.previous), "dim"),
        (signed(measure.change), ""),
        (sparkline(measure.history), "cyan"),
    ]


def sparkline(series: Series) -> str:
    """A series in at most 16 bars, from its smallest to its largest value; "" for a single one."""
    points = [point.value for point in series if math.isfinite(point.value)]
    if len(points) < 2:
        return ""
    count = min(len(points), _MOST_BARS)
    # The first and the last value are always among the bars.
    shown = [points[i * (len(points) - 1) // (count - 1)] for i in range(count)]
    low, high = min(shown), max(shown)
    if low == high:
        return _BARS[0] * count
    # Halves first: the span of two huge floats is not a float any more.
    span = high / 2 - low / 2
    return "".join(_BARS[round((one / 2 - low / 2) / span * (len(_BARS) - 1))] for one in shown)


def variants_text(job: str, variants: Sequence[Variant], style: Style = unstyled) -> str:
    """One row per digest: its run, the fields in which they differ, and its metrics. The manifest's
    is marked."""
    if not variants:
        return f"{plain(job)}: no runs.\n"
    paths, names = variant_columns(variants)
    titles = ["", "RUN", "PHASE", "COMMIT", *map(plain, paths), *map(plain, names)]
    rows: list[list[Cell]] = [[(title, "dim") for title in titles]]
    rows += [_variant(variant, paths, names) for variant in variants]
    head = style(plain(job), "bold")
    return "\n".join([head, "", *aligned(rows, style), "", "* the current manifest"]) + "\n"


def variant_columns(variants: Sequence[Variant]) -> tuple[list[str], list[str]]:
    """The fields that differ, and the metrics that any variant has."""
    paths = list(variants[0].fields) if variants else []
    return paths, sorted({name for variant in variants for name in variant.metrics})


def _variant(variant: Variant, paths: Sequence[str], names: Sequence[str]) -> list[Cell]:
    run = variant.run
    told = ("*" if variant.current else "", run_name(run), run.phase.value)
    commit = short(run.commit, run.dirty)
    cells = [*told, commit, *(field(path, variant.fields[path]) for path in paths)]
    cells += [number(variant.metrics.get(name)) for name in names]
    return [(cell, "bold" if variant.current else "") for cell in cells]


def field(path: str, found: object) -> str:
    """A field's value in a column; trees and environments by the beginning of their digests."""
    if found is None:
        return "–"
    return value(found)[:12] if path in ("code", "environment") else value(found)
