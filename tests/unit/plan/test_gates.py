"""Gates: what they look like, and what they come to."""

import math

import pytest

from gitrain.gates import evaluate, parse_gate
from gitrain.observed import Phase, Point
from tests.unit.plan.build import World, a_job, desired, row

NAN, INF = math.nan, math.inf


def series(*values: float):
    return {"accuracy": tuple(Point(step, value) for step, value in enumerate(values))}


@pytest.mark.parametrize(
    ("gate", "values", "passed"),
    [
        ("accuracy >= 0.95", [0.95], True),
        ("accuracy > 0.95", [0.95], False),
        ("accuracy <= 0.95", [0.95], True),
        ("accuracy < 0.95", [0.95], False),
        ("accuracy >= 0.95", [0.99, 0.90], False),  # the last value
        ("max(accuracy) >= 0.95", [0.99, 0.90], True),
        ("min(accuracy) < 0.1", [0.5, 0.05, 0.7], True),
        ("min( accuracy )<.1", [0.5, 0.05, 0.7], True),
        ("accuracy >= 1e-3", [0.002], True),
        ("accuracy > -1", [-0.5], True),
        ("accuracy > -.5", [-0.4], True),
        ("accuracy >= 0.95", [], False),  # missing
        ("accuracy >= 0", [0.5, NAN], False),  # not a number
        ("accuracy <= 0", [NAN], False),
        ("max(accuracy) >= 0.5", [NAN, 0.7], True),
        ("max(accuracy) >= 0.5", [NAN], False),
        ("accuracy < 9", [INF], False),
        ("accuracy > 9", [INF], True),
    ],
)
def test_a_gate_compares_a_metric_with_a_number(
    gate: str, values: list[float], passed: bool
) -> None:
    assert evaluate(parse_gate(gate), series(*values), None).passed is passed


@pytest.mark.parametrize(
    ("gate", "now", "before", "passed", "threshold"),
    [
        ("accuracy >= previous", [0.8], [0.8], True, 0.8),
        ("accuracy > previous", [0.8], [0.8], False, 0.8),
        ("accuracy >= previous - 0.1", [0.75], [0.8], True, 0.7),
        ("accuracy >= previous + 0.1", [0.85], [0.8], False, 0.9),
        ("accuracy >= previous-0.1", [0.75], [0.8], True, 0.7),
        ("max(accuracy) >= previous", [0.9, 0.1], [0.3, 0.8], True, 0.8),
        ("min(accuracy) <= previous", [0.9, 0.1], [0.3, 0.8], True, 0.3),
        ("accuracy >= previous", [0.1], None, True, None),  # none: passed
        ("accuracy >= previous", [0.1], [], True, None),
        ("accuracy >= previous", [0.1], [NAN], True, None),
        ("accuracy >= previous", [], None, False, None),  # missing misses, whatever came before
        ("accuracy >= previous", [NAN], None, False, None),
    ],
)
def test_a_gate_compares_a_metric_with_the_previous_run(
    gate: str,
    now: list[float],
    before: list[float] | None,
    passed: bool,
    threshold: float | None,
) -> None:
    previous = None if before is None else series(*before)

    result = evaluate(parse_gate(gate), series(*now), previous)

    assert (result.passed, result.threshold) == (passed, pytest.approx(threshold))


@pytest.mark.parametrize("name", ["val_loss", "epoch/accuracy", "f1.macro", "top-5", "loss:val"])
def test_metrics_may_have_the_names_that_trackers_give(name: str) -> None:
    assert parse_gate(f"{name} > 0").metric == name


@pytest.mark.parametrize(
    "text",
    [
        *("", "accuracy", "accuracy >=", ">= 0.5", "accuracy == 0.5", "accuracy => 0.5"),
        *("mean(accuracy) > 1", "accuracy >= nan", "accuracy > inf", "accuracy > 1 and loss < 2"),
        *("accuracy > previous 0.1", "accuracy > previous * 2", "accuracy > 0x10", "a b > 1"),
        *("max accuracy > 1", "max(accuracy > 1", "accuracy > 1e", "1 < accuracy", "accuracy > ."),
    ],
)
def test_what_is_no_gate_says_what_one_looks_like(text: str) -> None:
    with pytest.raises(ValueError, match=r"write NAME, max\(NAME\) or min\(NAME\)"):
        parse_gate(text)


def gated(command: str = "true", gate: str = "accuracy >= previous"):
    return desired(a_job("a", command, gates=[gate]))


def test_a_missed_gate_is_degraded_and_no_drift(world: World) -> None:
    world.reconcile(gated(gate="accuracy > 0.9"))
    world.end("a", accuracy=0.5)

    made = world.plan(gated(gate="accuracy > 0.9"))

    assert made.settled
    assert [(d.name, d.reason) for d in made.degraded] == [
        ("a", "completed, but missed accuracy > 0.9")
    ]


def test_a_gate_that_is_moved_is_judged_anew_without_a_run(world: World) -> None:
    world.reconcile(gated(gate="accuracy > 0.9"))
    world.end("a", accuracy=0.5)

    assert world.plan(gated(gate="accuracy > 0.4")).degraded == ()
    assert world.plan(gated(gate="accuracy > 0.4")).settled


def test_without_a_previous_run_the_gate_is_passed_and_noted(world: World) -> None:
    world.reconcile(gated())
    world.end("a", accuracy=0.5)

    made = world.plan(gated())

    assert row(made, "a").health == "Healthy"
    assert made.notes == ("a: accuracy >= previous: passed (no previous run to compare with)",)


def test_previous_is_the_latest_completed_run_of_another_digest(world: World) -> None:
    for command, phase, accuracy in (
        ("one", Phase.COMPLETED, 0.7),
        ("two", Phase.COMPLETED, 0.6),
        ("three", Phase.FAILED, 0.9),
        ("four", Phase.COMPLETED, 0.65),
    ):
        world.reconcile(gated(command))
        world.end("a", phase, accuracy=accuracy)

    [gate] = row(world.plan(gated("four")), "a").gates

    assert (gate.threshold, gate.passed) == (0.6, True)


def test_a_variant_that_was_merged_is_a_previous_run(world: World) -> None:
    variant = desired(a_job("a", "one", gates=["accuracy > 0"]), variants=frozenset({"a"}))
    world.reconcile(variant, by_hand=True)
    world.end("a", accuracy=0.7)
    world.reconcile(gated("one"))  # merged: the same values
    world.reconcile(gated("two"))
    world.end("a", accuracy=0.8)

    [gate] = row(world.plan(gated("two")), "a").gates

    assert gate.threshold == 0.7


def test_a_live_run_has_no_gates_yet(world: World) -> None:
    world.reconcile(gated())
    [run] = world.workspace.runs
    world.workspace.log(run, 1, accuracy=0.1)

    assert row(world.plan(gated()), "a").gates == ()
