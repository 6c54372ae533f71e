"""Metrics compared, and one job explained."""

import math

import pytest

from gitrain.observed import Phase, Point
from gitrain.plan.options import Options
from gitrain.report.compare import metrics_of, variants_of
from gitrain.report.safe import number
from gitrain.report.text.explain import explain_text
from gitrain.report.text.metrics import metrics_text, sparkline, variants_text
from tests.unit.report.samples import Place, a_cluster, a_job, desired, row


def two_runs() -> Place:
    """A run with one epoch's metrics, and after it one with eight."""
    place = Place()
    place.reconcile(desired(a_job()))
    place.end("fastai-digits", accuracy=0.985, loss=0.05)
    place.reconcile(desired(a_job(digest="e" * 12, inputs={"epochs": "9"})))
    run = list(place.workspace.runs)[-1]
    for step in range(8):
        place.workspace.log(run, step, accuracy=0.922 + step / 100, images=1000.0 * step)
    place.workspace.go(run, Phase.COMPLETED)
    return place


def test_metrics_stand_beside_those_of_the_previous_run() -> None:
    place = two_runs()
    old, new = place.workspace.runs.values()
    found = place.workspace.metrics

    assert metrics_text(metrics_of("fastai-digits", new, found(new), old, found(old))) == (
        "fastai-digits: pets-fastai-digits-eeeeeeeeeeee-1, completed at 1a2b3c4\n"
        "previous: pets-fastai-digits-9f2c1d3e4a5b-1, completed at 1a2b3c4\n"
        "\n"
        "METRIC    VALUE  PREVIOUS  CHANGE  HISTORY\n"
        "accuracy  0.992  0.985     +0.007  ▁▂▃▄▅▆▇█\n"
        "images    7000   –         –       ▁▂▃▄▅▆▇█\n"
        "loss      –      0.05      –\n"
    )


def test_a_run_without_metrics_is_told_how_to_log_them() -> None:
    place = Place()
    place.reconcile(desired(a_job()))
    [run] = place.workspace.runs.values()

    text = metrics_text(metrics_of("fastai-digits", run, {}, None, {}))

    assert "outputs/metrics.jsonl" in text


def test_variants_stand_side_by_side_with_what_tells_them_apart() -> None:
    place = two_runs()
    runs = tuple(place.workspace.runs.values())
    metrics = {run.id: place.workspace.metrics(run) for run in runs}

    assert variants_text("fastai-digits", variants_of(runs, metrics, "e" * 12)) == (
        "fastai-digits\n"
        "\n"
        "   RUN             PHASE      COMMIT   inputs.epochs  accuracy  images  loss\n"
        "   9f2c1d3e4a5b-1  completed  1a2b3c4  8              0.985     –       0.05\n"
        "*  eeeeeeeeeeee-1  completed  1a2b3c4  9              0.992     7000    –\n"
        "\n"
        "* the current manifest\n"
    )


@pytest.mark.parametrize(
    ("values", "bars"),
    [
        ([], ""),
        ([1.0], ""),
        ([1.0, 1.0], "▁▁"),
        ([0.0, math.nan, 1.0], "▁█"),
        ([-1e308, 1e308], "▁█"),
        (list(range(1000)), "▁▁▂▂▃▃▄▄▅▅▆▆▇▇██"),
    ],
)
def test_a_history_is_at_most_sixteen_bars(values: list[float], bars: str) -> None:
    assert sparkline(tuple(Point(i, value) for i, value in enumerate(values))) == bars


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.9924999, "0.9925"),
        (12.0, "12"),
        (12345.678, "12346"),
        (0.000031, "3.1e-05"),
        (1e300, "1e+300"),
        (math.nan, "NaN"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (-0.5, "-0.5"),
    ],
)
def test_a_number_takes_a_few_characters(value: float | None, text: str) -> None:
    assert number(value) == text


def test_a_job_that_is_submitted_is_explained_by_what_changed() -> None:
    place = Place()
    place.reconcile(desired(a_cluster(), a_job()))
    place.end("fastai-digits")
    made = place.plan(desired(a_cluster(), a_job(digest="e" * 12, inputs={"epochs": "9"})))

    text = explain_text(row(made, "Job/fastai-digits"), place.workspace.runs.values())

    assert text == (
        "Job/fastai-digits   jobs/fastai-digits.yaml:1:1\n"
        "  submit: inputs.epochs 8 → 9\n"
        "  OutOfSync, Missing\n"
        "\n"
        "Made of:\n"
        "  digest  eeeeeeeeeeee\n"
        "  code    4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
        "  run id  pets-fastai-digits-eeeeeeeeeeee-1\n"
        "\n"
        "Runs, latest first:\n"
        "  pets-fastai-digits-9f2c1d3e4a5b-1  completed  1a2b3c4  2026-01-01T00:00:01Z"
        "  another digest\n"
        "\n"
        "Changes since pets-fastai-digits-9f2c1d3e4a5b-1:\n"
        "  ~ inputs.epochs 8 → 9\n"
        "\n"
        "It runs again:\n"
        "  - on the next reconcile\n"
    )


def test_a_job_that_never_ran_is_not_said_to_run_again() -> None:
    made = Place().plan(desired(a_job()))

    text = explain_text(row(made, "Job/fastai-digits"), ())

    assert text.endswith("\n\nIt runs:\n  - on the next reconcile\n")
    assert "again" not in text


def test_a_job_that_failed_is_explained_with_every_way_to_run_it_again() -> None:
    place, wanted = Place(), desired(a_job())
    place.reconcile(wanted)
    place.end("fastai-digits", Phase.FAILED)

    text = explain_text(row(place.plan(wanted), "Job/fastai-digits"), place.workspace.runs.values())

    assert "  keep: failed: exit code 1\n  Synced, Degraded\n" in text
    assert "counts: this digest" in text
    assert text.endswith(
        "  - with `revision: 2`\n"
        "  - when its compute or limits change, since that run did not complete\n"
        "  - with more `retries`\n"
        "  - with `gitrain rerun fastai-digits`\n"
    )


def test_a_superseded_run_counts_as_never_run() -> None:
    place = Place()
    place.reconcile(desired(a_job()))
    place.reconcile(desired(a_job(digest="e" * 12)))
    made = place.plan(desired(a_job()))

    text = explain_text(row(made, "Job/fastai-digits"), place.workspace.runs.values())

    assert "superseded: counts as if it had never run" in text


def test_a_job_that_waits_runs_once_the_reason_is_out_of_the_way() -> None:
    wanted = desired(a_job("a", "a" * 12), a_job("b", "b" * 12, upstream=("a",)))

    text = explain_text(row(Place().plan(wanted), "Job/b"), [])

    assert "- once this is resolved: waits for a to complete\n" in text


def test_options_that_shape_the_plan_shape_the_explanation() -> None:
    place, wanted = Place(), desired(a_job())
    place.reconcile(wanted)
    place.end("fastai-digits")
    rerun = Options(rerun=frozenset({"fastai-digits"})).rerun

    text = explain_text(row(place.plan(wanted, rerun=rerun), "Job/fastai-digits"), [])

    assert "  submit: attempt 1 completed; runs again\n" in text
