"""The JSON outputs match their published schemas, in every state."""

from __future__ import annotations

import json

import jsonschema
import pytest

from tests.promises.command_line.project import Ended, Project
from tests.root import ROOT

SCHEMAS = ROOT / "schemas/v1/output"


def assert_valid(ended: Ended, output: str) -> None:
    schema = json.loads((SCHEMAS / f"{output}.json").read_text())
    jsonschema.validate(ended.json, schema)
    assert ended.json["format_version"] == 1


@pytest.fixture
def lived_in(project: Project) -> Project:
    """A project in which something of everything has happened."""
    metrics = "echo '{\"acc\": 0.5}' > outputs/metrics.jsonl"
    project.job("good", metrics, gates=["acc > 0.1", "acc >= previous - 1"], inputs={"x": 1})
    project.job("missed", metrics, gates=["acc > 0.9", "other > 1"])
    project.job("failed", "exit 9", retries=1)
    project.job("waits", depends_on=["failed"])
    project.job("rests", suspend=True)
    project.job("removed", "exec sleep 60")
    project.commit()
    project.reconcile()
    project.gitrain("wait", "good", "missed", "failed", code=7)
    (project.root / "jobs/removed.yaml").unlink()
    return project


def test_plan_status_metrics_validate_and_reconcile(lived_in: Project) -> None:
    assert_valid(lived_in.gitrain("plan", "-o", "json"), "plan")
    assert_valid(lived_in.gitrain("plan", "-o", "json", "--prune"), "plan")
    assert_valid(lived_in.gitrain("plan", "-o", "json", "--offline", "--base", "HEAD"), "plan")
    assert_valid(lived_in.gitrain("status", "-o", "json"), "status")
    assert_valid(lived_in.gitrain("metrics", "good", "-o", "json"), "metrics")
    assert_valid(lived_in.gitrain("metrics", "failed", "-o", "json"), "metrics")
    assert_valid(lived_in.gitrain("validate", "-o", "json"), "validate")
    assert_valid(lived_in.gitrain("reconcile", "-o", "json", "--dry-run"), "plan")
    assert_valid(lived_in.gitrain("reconcile", "-o", "json", "--wait", code=7), "reconcile")
    lived_in.job("good", "true")
    assert_valid(lived_in.gitrain("run", "good", "-o", "json"), "reconcile")
    assert_valid(lived_in.gitrain("wait", "good", "-o", "json"), "status")
    assert_valid(lived_in.gitrain("rerun", "good", "-o", "json"), "reconcile")


def test_by_hand_the_same_json_whatever_happened(project: Project) -> None:
    project.job("train")

    assert_valid(project.gitrain("run", "train", "--wait", "-o", "json"), "status")
    assert_valid(project.gitrain("run", "train", "--wait", "-o", "json"), "status")
    assert_valid(project.gitrain("run", "train", "-o", "json"), "reconcile")


def test_refusals_have_the_json_of_validate(project: Project) -> None:
    project.job("train", comand="x")
    assert_valid(project.gitrain("validate", "-o", "json", code=3), "validate")
    assert_valid(project.gitrain("plan", "-o", "json", code=3), "validate")
    assert_valid(project.gitrain("reconcile", "-o", "json", code=3), "validate")
    assert_valid(project.gitrain("status", "-o", "json", code=3), "validate")


def test_a_refused_plan_is_still_a_plan(project: Project) -> None:
    ended = project.gitrain("reconcile", "--prune", "-o", "json", code=4)

    assert_valid(ended, "plan")
    assert ended.json["problems"][0]["code"] == "prune-empty"


def test_stdout_of_json_is_json_alone(lived_in: Project) -> None:
    for arguments in (["plan"], ["status"], ["validate"], ["reconcile"]):
        ended = lived_in.gitrain(*arguments, "-o", "json", "--color", "always")
        assert "\x1b" not in ended.out
        assert ended.json
