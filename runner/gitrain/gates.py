"""Gates: conditions on the metrics of a completed run."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping

import msgspec

from gitrain.observed import Metrics, Series

_NUMBER = r"[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?"
_METRIC = r"[A-Za-z_][A-Za-z0-9_./:-]*"
_GATE = re.compile(
    rf"\s*(?:(?P<of>max|min)\(\s*(?P<inner>{_METRIC})\s*\)|(?P<metric>{_METRIC}))"
    r"\s*(?P<compare>>=|<=|>|<)\s*"
    rf"(?:(?P<previous>previous)(?:\s*(?P<sign>[+-])\s*(?P<offset>{_NUMBER}))?|(?P<number>[+-]?(?:{_NUMBER})))\s*"
)
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """`NAME`, `max(NAME)` or `min(NAME)`, compared with a number or with the previous run's value.

    `of` is last, max or min; `number` is the threshold, or what is added to the previous value.
    """

    expression: str
    metric: str
    of: str
    compare: str
    number: float
    previous: bool


class GateResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a gate. `value` is None if the metric is missing or not a number, `threshold`
    is None if there is no previous run to compare with: the gate is then passed."""

    expression: str
    value: float | None
    threshold: float | None
    passed: bool


def parse_gate(expression: str) -> Gate:
    """Parse a gate. Raises ValueError, whose text describes the syntax."""
    match = _GATE.fullmatch(expression)
    if match is None:
        raise ValueError(
            "write NAME, max(NAME) or min(NAME), then >=, >, <= or <, then a number or "
            "`previous ± number`, as in `accuracy >= 0.95`"
        )
    offset = f"{match['sign'] or ''}{match['offset'] or 0}"
    return Gate(
        expression=expression.strip(),
        metric=match["inner"] or match["metric"],
        of=match["of"] or "last",
        compare=match["compare"],
        number=float(match["number"] or offset),
        previous=match["previous"] is not None,
    )


def summarize(series: Series, of: str) -> float | None:
    """The last, largest or smallest value; None if there is none, or if it is not a number."""
    if not series:
        return None
    if of == "last":
        value = series[-1].value
    else:
        finite = [point.value for point in series if not math.isnan(point.value)]
        if not finite:
            return None
        value = max(finite) if of == "max" else min(finite)
    return None if math.isnan(value) else value


def evaluate(gate: Gate, metrics: Metrics, previous: Metrics | None) -> GateResult:
    """Check a run's metrics against a gate; `previous` is None without a previous run.

    A metric that is missing or NaN misses its gate. Without a previous run, or without that metric
    in it, a gate on `previous` is passed.
    """
    value = summarize(metrics.get(gate.metric, ()), gate.of)
    threshold: float | None = gate.number
    if gate.previous:
        before = summarize((previous or {}).get(gate.metric, ()), gate.of)
        threshold = None if before is None else before + gate.number
    passed = value is not None and (threshold is None or _COMPARE[gate.compare](value, threshold))
    return GateResult(expression=gate.expression, value=value, threshold=threshold, passed=passed)
