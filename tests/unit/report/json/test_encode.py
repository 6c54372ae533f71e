"""The JSON outputs: their shape is a public interface, and their schemas say so."""

import json
import math
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from gitrain.errors import Location, Problem
from gitrain.observed import Phase
from gitrain.plan.actions import Plan
from gitrain.report.compare import metrics_of
from gitrain.report.json.encode import (
    files_json,
    metrics_json,
    plan_json,
    problems_json,
    reconciled_json,
    status_json,
)
from gitrain.report.json.schemas import TYPES, output_files
from gitrain.report.run_files import FilesReport
from gitrain.schema.generate import data
from tests.unit.report.samples import (
    Place,
    a_cluster,
    a_full_plan,
    a_job,
    a_plan_beside_its_base,
    desired,
)

PROBLEMS = (
    Problem(code="a", message="no", location=Location("jobs/a.yaml", 2, 3), path="spec.x"),
    Problem(code="b", message="nowhere", suggestion="try"),
)


def reconciled() -> str:
    return reconciled_json(Place().reconcile(desired(a_cluster(), a_job())))


def status() -> str:
    place, wanted = Place(), desired(a_cluster(), a_job(gates=("accuracy >= 0.95",)))
    place.reconcile(wanted)
    place.end("fastai-digits", accuracy=0.99, loss=math.nan)
    return status_json(place.status(wanted))


def metrics() -> str:
    place = Place()
    place.reconcile(desired(a_job()))
    place.end("fastai-digits", accuracy=0.985)
    place.reconcile(desired(a_job(digest="eeeeeeeeeeee")))
    place.end("fastai-digits", accuracy=0.992, loss=math.inf)
    old, new = place.workspace.runs.values()
    found = place.workspace.metrics
    return metrics_json(metrics_of("fastai-digits", new, found(new), old, found(old)))


FILES = FilesReport(
    job="digits", run_id="demo-digits-0", names=("model", "outputs/a\nb"), written=("down/model",)
)
OUTPUTS: dict[str, Callable[[], str]] = {
    "plan.json": lambda: plan_json(a_plan_beside_its_base()),
    "reconcile.json": reconciled,
    "status.json": status,
    "metrics.json": metrics,
    "outputs.json": lambda: files_json(FILES),
    "validate.json": lambda: problems_json(PROBLEMS),
}


@pytest.mark.parametrize("name", TYPES)
def test_each_output_is_valid_under_its_schema(name: str) -> None:
    schema = json.loads(output_files()[name])

    Draft202012Validator.check_schema(schema)
    Draft7Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(OUTPUTS[name]()))


@pytest.mark.parametrize("name", TYPES)
def test_each_schema_demands_every_key_and_allows_no_other(name: str) -> None:
    for definition in json.loads(output_files()[name])["definitions"].values():
        if definition.get("type") == "object":
            assert definition["additionalProperties"] is False
            assert definition["required"] == list(definition["properties"])


@pytest.mark.parametrize("name", TYPES)
def test_the_same_values_are_the_same_text_and_it_ends_in_a_newline(name: str) -> None:
    assert OUTPUTS[name]() == OUTPUTS[name]()
    assert OUTPUTS[name]().endswith("\n}\n")


def test_a_plan_has_the_keys_of_the_design_in_its_order() -> None:
    found = json.loads(plan_json(a_full_plan()))

    assert list(found) == [
        *("format_version", "project", "workspace", "commit", "dirty", "summary", "gpu_hours"),
        *("actions", "degraded", "unmanaged", "notes", "problems", "base"),
    ]
    assert found["format_version"] == 1
    assert found["summary"] == {
        "create": 2,
        "update": 1,
        "replace": 0,
        "delete": 0,
        "submit": 2,
        "cancel": 1,
        "unchanged": 1,
        "waiting": 1,
        "blocked": 0,
    }
    assert [action["action"] for action in found["actions"]] == [
        *("update", "create", "register", "cancel", "submit", "keep", "submit", "waiting"),
    ]
    assert found["actions"][4] == {
        "action": "submit",
        "kind": "Job",
        "name": "fastai-digits",
        "reason": "inputs.epochs 8 → 9",
        "changes": [{"path": "inputs.epochs", "old": "8", "new": "9"}],
        "run_id": "pets-fastai-digits-eeeeeeeeeeee-1",
        "digest": "eeeeeeeeeeee",
        "parts": {"code": "4b825dc642cb6eb9a060e54bf8d69288fbee4904"},
        "source": {"file": "jobs/fastai-digits.yaml", "line": 1},
    }
    assert found["degraded"] == [
        {
            "kind": "Job",
            "name": "broken",
            "reason": "failed: exit code 1",
            "run_id": "pets-broken-bbbbbbbbbbbb-1",
        }
    ]
    assert found["unmanaged"][0]["name"] == "old-cluster"


def test_what_there_is_not_is_null() -> None:
    bare = Plan(project="pets", workspace="local", actions=(), gpu_hours=None)
    found = json.loads(plan_json(bare))

    assert (found["commit"], found["gpu_hours"]) == (None, None)
    assert json.loads(problems_json(PROBLEMS))["problems"] == [
        {
            "severity": "error",
            "code": "b",
            "message": "nowhere",
            "file": None,
            "line": None,
            "column": None,
            "path": None,
            "suggestion": "try",
        },
        {
            "severity": "error",
            "code": "a",
            "message": "no",
            "file": "jobs/a.yaml",
            "line": 2,
            "column": 3,
            "path": "spec.x",
            "suggestion": None,
        },
    ]


def test_an_offline_plan_says_so_among_its_notes() -> None:
    made = msgspec.structs.replace(a_full_plan(), offline="origin/main")

    assert json.loads(plan_json(made))["notes"] == [
        "offline: as if all runs of origin/main had completed",
        "compute is noted, no more",
    ]


def test_a_reconcile_is_its_first_plan_and_the_outcomes() -> None:
    found = json.loads(reconciled())

    assert list(found)[-2:] == ["base", "outcomes"]
    assert found["outcomes"] == [
        {
            "kind": "Cluster",
            "name": "gpu-cluster",
            "action": "create",
            "result": "done",
            "message": None,
            "run_id": None,
        },
        {
            "kind": "Job",
            "name": "fastai-digits",
            "action": "submit",
            "result": "done",
            "message": None,
            "run_id": "pets-fastai-digits-9f2c1d3e4a5b-1",
        },
    ]


def test_the_status_of_a_job_has_its_run_and_of_a_cluster_none() -> None:
    cluster, job = json.loads(status())["resources"]

    assert cluster["run"] is None
    assert job["run"] == {
        "id": "pets-fastai-digits-9f2c1d3e4a5b-1",
        "digest": "9f2c1d3e4a5b",
        "attempt": 1,
        "phase": "completed",
        "commit": "1a2b3c4d5e6f",
        "dirty": False,
        "link": None,
        "submitted_at": "2026-01-01T00:00:01Z",
        "started_at": None,
        "ended_at": "2026-01-01T00:00:02Z",
        "exit_code": 0,
    }
    assert job["metrics"] == {"accuracy": 0.99, "loss": None}
    assert job["gates"] == [
        {"expression": "accuracy >= 0.95", "value": 0.99, "threshold": 0.95, "passed": True}
    ]


def test_metrics_that_are_no_numbers_are_null() -> None:
    found: dict[str, Any] = json.loads(metrics())

    assert found["previous_run_id"] == "pets-fastai-digits-9f2c1d3e4a5b-1"
    assert found["metrics"] == [
        {
            "name": "accuracy",
            "value": 0.992,
            "previous": 0.985,
            "change": 0.007,
            "history": [{"step": 1, "value": 0.992}],
        },
        {
            "name": "loss",
            "value": None,
            "previous": None,
            "change": None,
            "history": [{"step": 1, "value": None}],
        },
    ]


@pytest.mark.parametrize("text", ["\x9b31m\u202e", "##[error]x", "\udcff", "\x1b[0m\n::error::"])
def test_a_text_comes_back_as_it_was_and_forges_nothing_on_the_way(text: str) -> None:
    written = problems_json([Problem(code="x", message=text)])

    assert json.loads(written)["problems"][0]["message"] == text
    assert "##[" not in written
    assert all(line.isprintable() for line in written.splitlines())


def test_a_run_that_failed_is_valid_under_the_schema_too() -> None:
    place, wanted = Place(), desired(a_job())
    place.reconcile(wanted)
    place.end("fastai-digits", Phase.FAILED)

    found = json.loads(status_json(place.status(wanted)))

    Draft202012Validator(json.loads(output_files()["status.json"])).validate(found)
    assert found["resources"][0]["run"]["exit_code"] == 1


@pytest.mark.parametrize("name", sorted(TYPES))
def test_the_committed_schemas_are_current(name: str) -> None:
    committed = data("schemas") / "v1" / "output" / name

    assert committed.read_text(encoding="utf-8") == output_files()[name], "run: make schemas"
