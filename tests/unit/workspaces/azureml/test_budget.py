"""How many requests a plan without changes takes: however many jobs, gates and runs there are."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gitrain.observed import Metrics, Run
from gitrain.plan.before import previous_run
from gitrain.workspace import AskedJob, Query
from gitrain.workspaces.azureml.outputs.series import extremes, kept_summary, summary_tags
from gitrain.workspaces.azureml.runs.record import Record, own_record, properties
from gitrain.workspaces.azureml.workspace import AzuremlRuns
from tests.doubles.azure.emulator import Emulator
from tests.unit.workspaces.azureml.place import a_submission, a_workspace, observed

FIXED, ENVIRONMENTS, EXPERIMENTS = 6, 2, 1
ASKED = Query(project="pets", clusters=("cpu",), environments=("env", "none"))
LINES = '{"step": 1, "acc": 0.8}\n{"step": 2, "acc": 0.95}\n{"step": 3, "acc": 0.9}\n'


def submit_and_complete(workspace: AzuremlRuns, emulator: Emulator, jobs: int) -> None:
    """Half of them log to the run history, and half to a file."""
    for number in range(jobs):
        run = workspace.submit(a_submission(job=f"j{number}"))
        logged: dict[str, Any] = {"metrics": {"acc": [0.8, 0.95, 0.9], "loss": [1.0]}}
        how = logged if number % 2 else {"files": {"outputs/metrics.jsonl": LINES}}
        emulator.jobs.drive(run.id, "Completed", **how)


def plan_asks(emulator: Emulator, root: Path) -> tuple[int, dict[str, Metrics]]:
    """What a process that has never seen the workspace asks, and what it reads for gates."""
    emulator.requests.reset()
    workspace = a_workspace(root)
    runs = [run for run in workspace.observe(ASKED).runs if not run.phase.live]
    found = workspace.summaries(runs)
    assert emulator.requests.writes == []
    return len(emulator.requests.of()), dict(found)


@pytest.mark.parametrize("jobs", [3, 30])
def test_gates_cost_nothing_once_the_runs_are_over(
    emulator: Emulator, workspace: AzuremlRuns, tmp_path: Path, jobs: int
) -> None:
    submit_and_complete(workspace, emulator, jobs)
    # As `reconcile --wait` looks again, after what it submitted.
    workspace.summaries(observed(workspace).runs)

    asked, found = plan_asks(emulator, tmp_path)

    assert asked <= FIXED + ENVIRONMENTS + EXPERIMENTS
    assert len(found) == jobs
    for series in found.values():
        values = [point.value for point in series["acc"]]
        assert (values[-1], max(values), min(values)) == (0.9, 0.95, 0.8)


def test_what_was_asked_before_a_submit_is_kept_with_it(
    emulator: Emulator, workspace: AzuremlRuns, tmp_path: Path
) -> None:
    submit_and_complete(workspace, emulator, 2)
    for run in emulator.state.runs.values():
        run.dto["endTimeUtc"] = "2026-01-01T00:00:00.000000Z"
    few, _ = plan_asks(emulator, tmp_path)
    later = a_workspace(tmp_path)
    later.summaries(observed(later).runs)
    assert not any("gitrain_metrics" in run.tags for run in emulator.state.runs.values())

    later.submit(a_submission(job="another"))

    kept, _ = plan_asks(emulator, tmp_path)
    assert kept < few
    assert kept <= FIXED + ENVIRONMENTS + EXPERIMENTS


def test_what_may_still_come_in_is_not_kept(
    emulator: Emulator, workspace: AzuremlRuns, tmp_path: Path
) -> None:
    submit_and_complete(workspace, emulator, 1)
    emulator.faults.add("metricsingest/wait", times=None, status=404)

    found = workspace.summaries(observed(workspace).runs)

    assert len(found) == 1
    assert not any("gitrain_metrics" in run.tags for run in emulator.state.runs.values())


def test_a_live_run_is_asked_each_time(emulator: Emulator, workspace: AzuremlRuns) -> None:
    run = workspace.submit(a_submission())
    emulator.jobs.drive(run.id, "Running", metrics={"acc": [0.5]})
    first = workspace.summaries([run])
    emulator.jobs.drive(run.id, metrics={"acc": [0.7]})

    assert workspace.summaries([run]) != first


def test_further_runs_take_a_request_for_each_500(
    emulator: Emulator, workspace: AzuremlRuns, tmp_path: Path
) -> None:
    run = workspace.submit(a_submission())
    emulator.jobs.drive(run.id, "Completed", files={"outputs/metrics.jsonl": LINES})
    workspace.summaries(observed(workspace).runs)
    asked = []
    for count in (400, 900, 1200):
        multiply(emulator, run, count)
        asked.append(plan_asks(emulator, tmp_path)[0])

    assert asked[0] <= FIXED + ENVIRONMENTS + EXPERIMENTS
    assert asked == [asked[0], asked[0] + 1, asked[0] + 2]


def multiply(emulator: Emulator, run: Run, count: int) -> None:
    """Runs of other digests, as they would be after as many changes of the job."""
    first = emulator.state.runs[run.id]
    record = own_record(first.properties)
    assert isinstance(record, Record)
    for number in range(len(emulator.state.runs), count):
        other = copy.copy(first)
        identity = msgspec.structs.replace(record.identity, digest=f"{number:012x}")
        changed = msgspec.structs.replace(record, identity=identity)
        run_id = identity.run_id
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
        made = {
            "runId": run_id,
            "properties": properties(changed),
            "createdUtc": at.isoformat(),
            "endTimeUtc": at.isoformat(),
        }
        other.dto = {**first.dto, **made}
        emulator.state.runs[run_id] = other


def a_plan_costs(
    emulator: Emulator, root: Path, jobs: tuple[AskedJob, ...]
) -> tuple[int, int, list[Run]]:
    """The requests and bytes of an observation for a plan, and the runs that it reports."""
    emulator.requests.reset()
    seen = a_workspace(root).observe(msgspec.structs.replace(ASKED, jobs=jobs))
    asked = emulator.requests.of()
    return len(asked), sum(request.size for request in asked), list(seen.runs)


@pytest.mark.parametrize("compared", [False, True])
def test_a_plan_costs_the_same_however_much_ever_ran(
    emulator: Emulator, workspace: AzuremlRuns, tmp_path: Path, compared: bool
) -> None:
    submissions = [a_submission(job=f"j{number}") for number in range(20)]
    for submission in submissions:
        emulator.jobs.drive(workspace.submit(submission).id, "Completed")
    firsts = list(observed(workspace).runs)
    jobs = tuple(AskedJob(run.job, run.digest, compared) for run in firsts)
    costs = []
    for count in (100, 3000):
        while len(emulator.state.runs) < count:
            for run in firsts:
                multiply(emulator, run, len(emulator.state.runs) + 1)
        costs.append(a_plan_costs(emulator, tmp_path, jobs))

    (few, small, _), (many, large, seen) = costs
    assert many == few <= FIXED + ENVIRONMENTS + EXPERIMENTS + compared
    assert large <= 1.5 * small
    assert {(run.job, run.digest) for run in seen} >= {(run.job, run.digest) for run in firsts}
    if compared:
        for run in firsts:
            assert previous_run(run.digest, [other for other in seen if other.job == run.job])


@pytest.mark.parametrize("last", [0.1, float("nan"), float("inf"), float("-inf")])
def test_a_summary_says_what_the_series_says(last: float) -> None:
    from gitrain.gates import summarize
    from gitrain.observed import Point

    values = [0.5, 0.9, float("nan"), 0.2, last]
    metrics = {"acc": tuple(Point(step, value) for step, value in enumerate(values))}

    kept = kept_summary(summary_tags(extremes(metrics)))

    assert kept is not None
    for of in ("last", "max", "min"):
        assert summarize(kept["acc"], of) == summarize(metrics["acc"], of)


def test_a_summary_that_no_run_could_hold_is_not_kept() -> None:
    from gitrain.observed import Point

    metrics = {f"metric-{n}-{n**7}": (Point(n, n**0.5),) for n in range(900)}

    assert summary_tags(metrics) == {}
