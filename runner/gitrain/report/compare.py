"""A job's metrics compared with the run before, and its variants compared with each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from gitrain.observed import Metrics, Run, Series


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One metric: its last value, that of the previous run, and its history. None: never logged."""

    name: str
    value: float | None
    previous: float | None
    history: Series

    @property
    def change(self) -> float | None:
        """The difference; None unless both are numbers."""
        if self.value is None or self.previous is None:
            return None
        # Without the rounding, 0.992 - 0.985 would read 0.007000000000000006.
        change = float(f"{self.value - self.previous:.12g}")
        return change if math.isfinite(change) else None


class MetricsReport(msgspec.Struct, frozen=True, kw_only=True):
    """The metrics of the run that counts for a job, by name."""

    job: str
    run: Run
    previous: Run | None
    measures: tuple[Measure, ...]


def metrics_of(
    job: str, run: Run, metrics: Metrics, previous_run: Run | None, previous_metrics: Metrics
) -> MetricsReport:
    """Every metric that either of the two runs logged."""
    names = sorted(metrics.keys() | previous_metrics.keys())
    return MetricsReport(
        job=job,
        run=run,
        previous=previous_run,
        measures=tuple(
            Measure(
                name=name,
                value=_last(metrics.get(name, ())),
                previous=_last(previous_metrics.get(name, ())),
                history=metrics.get(name, ()),
            )
            for name in names
        ),
    )


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One digest of a job: the run that counts, the fields that distinguish it from the others, and
    the last value of each metric. `current` marks the one that the manifest describes now."""

    run: Run
    current: bool
    fields: Mapping[str, Any]
    metrics: Mapping[str, float | None]


def variants_of(
    runs: Iterable[Run], metrics: Mapping[str, Metrics], digest: str
) -> tuple[Variant, ...]:
    """The digests of one job's runs, oldest first; `digest` is the manifest's."""
    counting: dict[str, Run] = {}
    for run in sorted(runs, key=lambda run: run.attempt):
        if run.counts:
            counting[run.digest] = run
    chosen = sorted(counting.values(), key=lambda run: (run.submitted_at, run.id))
    leaves = [dict(_leaves(run.identity.canonical)) for run in chosen]
    differing = _differing(leaves)
    return tuple(
        Variant(
            run=run,
            current=run.digest == digest,
            fields={path: found.get(path) for path in differing},
            metrics={name: _last(series) for name, series in metrics.get(run.id, {}).items()},
        )
        for run, found in zip(chosen, leaves, strict=True)
    )


def _differing(leaves: list[dict[str, Any]]) -> list[str]:
    paths = sorted({path for found in leaves for path in found})
    return [path for path in paths if any(f.get(path) != leaves[0].get(path) for f in leaves)]


def _leaves(fields: Mapping[str, Any], path: str = "") -> Iterable[tuple[str, Any]]:
    for name, field in fields.items():
        if isinstance(field, Mapping):
            yield from _leaves(field, f"{path}{name}.")
        else:
            yield f"{path}{name}", field


def _last(series: Series) -> float | None:
    return series[-1].value if series else None
