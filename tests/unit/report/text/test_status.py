"""The status table: everything at a glance, nothing cut."""

import math

import pytest

from gitrain.gates import GateResult
from gitrain.observed import Phase
from gitrain.report.status import Status
from gitrain.report.text.columns import width
from gitrain.report.text.status import gate_line, status_text
from tests.unit.report.samples import Place, a_cluster, a_full_plan, a_job, desired

GOLDEN = """\
pets → azure (rg-ml/pets-prod) at 1a2b3c4

KIND/NAME            SYNC       HEALTH    PHASE      RUN             COMMIT   METRICS
Cluster/gpu-cluster  Synced     Healthy
Job/fastai-digits    Synced     Healthy   completed  9f2c1d3e4a5b-1  1a2b3c4  accuracy 0.992
    ✓ accuracy >= 0.95: 0.992
    ✓ accuracy >= previous - 0.01: 0.992 (no previous run)
Job/pretrain         Synced     Degraded  failed     aaaaaaaaaaaa-1  1a2b3c4
    failed: exit code 1
Job/weak             Synced     Degraded  completed  bbbbbbbbbbbb-1  1a2b3c4  accuracy 0.91
    completed, but missed accuracy >= 0.95
    ✗ accuracy >= 0.95: 0.91
Job/export           OutOfSync  Missing
    waiting: pretrain failed: exit code 1

5 resources: 4 Synced, 1 OutOfSync; 2 Healthy, 2 Degraded, 1 Missing.
"""
GATES = ("accuracy >= 0.95", "accuracy >= previous - 0.01")


@pytest.fixture
def ended() -> Status:
    """One job that is well, one that failed, one that missed a gate, and one that waits."""
    place = Place()
    wanted = desired(
        a_cluster(),
        a_job(gates=GATES),
        a_job("pretrain", "aaaaaaaaaaaa"),
        a_job("weak", "bbbbbbbbbbbb", gates=("accuracy >= 0.95",)),
        a_job("export", "ffffffffffff", upstream=("pretrain",)),
    )
    place.reconcile(wanted)
    place.end("fastai-digits", accuracy=0.992, loss=0.03, minutes=1.0)
    place.end("pretrain", Phase.FAILED)
    place.end("weak", accuracy=0.91)
    return place.status(wanted)


def test_the_status_tells_at_a_glance_what_is_well_and_what_is_not(ended: Status) -> None:
    assert status_text(ended) == GOLDEN


def test_the_table_fits_a_hundred_columns(ended: Status) -> None:
    assert max(map(width, status_text(ended).splitlines())) <= 100


def test_reasons_stand_in_the_table_where_there_is_room(ended: Status) -> None:
    lines = status_text(ended, columns=160).splitlines()

    assert lines[2].endswith("METRICS         REASON")
    assert any(line.endswith("1a2b3c4                  failed: exit code 1") for line in lines)


def test_a_job_that_is_superseded_has_one_row() -> None:
    from gitrain.report.status import status_of

    rows = status_of(a_full_plan(), {}).rows

    assert [row.key for row in rows].count("Job/live") == 1
    assert next(row for row in rows if row.key == "Job/live").verb == "submit"


def test_long_names_and_ids_are_never_cut() -> None:
    place, name = Place(), "n" * 128
    wanted = desired(a_job(name))
    place.reconcile(wanted)

    assert f"Job/{name}  Synced  Progressing  queued  9f2c1d3e4a5b-1" in status_text(
        place.status(wanted)
    )


def test_a_run_from_a_tree_with_changes_bears_a_star() -> None:
    place, wanted = Place(), desired(a_job(), dirty=True)
    place.reconcile(wanted)

    assert "1a2b3c4*" in status_text(place.status(wanted))


def test_an_empty_workspace_is_said_to_be_empty() -> None:
    assert status_text(Place().status(desired())) == (
        "pets → azure (rg-ml/pets-prod) at 1a2b3c4\n\nNo resources in this workspace.\n"
    )


@pytest.mark.parametrize(
    ("value", "threshold", "passed", "line"),
    [
        (0.992, 0.95, True, "accuracy >= 0.95: 0.992"),
        (0.91, 0.95, False, "accuracy >= 0.95: 0.91"),
        (None, 0.95, False, "accuracy >= 0.95: no value"),
        (0.949999999, 0.95, False, "accuracy >= 0.95: 0.949999999"),
        (0.91, 0.97, False, "accuracy >= 0.95: 0.91, needs 0.97"),
        (0.91, None, True, "accuracy >= 0.95: 0.91 (no previous run)"),
    ],
)
def test_a_gate_says_what_it_came_to(
    value: float | None, threshold: float | None, passed: bool, line: str
) -> None:
    result = GateResult(
        expression="accuracy >= 0.95", value=value, threshold=threshold, passed=passed
    )

    assert gate_line(result) == line


def test_a_metric_that_is_no_number_is_shown_as_none() -> None:
    place, wanted = Place(), desired(a_job())
    place.reconcile(wanted)
    place.end("fastai-digits", loss=math.nan)

    assert "loss –" in status_text(place.status(wanted))
