"""The user's own script, without any framework: metrics, gates, outputs, environments."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from tests.promises.command_line.project import NO_CHANGES, Project

SCRIPT = """
import json, os, pathlib, sys
model, accuracy = pathlib.Path(sys.argv[1]), float(sys.argv[2])
with open("outputs/metrics.jsonl", "a") as metrics:
    for epoch in range(3):
        row = {"epoch": epoch, "accuracy": accuracy * (epoch + 1) / 3, "loss": 1 / (epoch + 1)}
        print(json.dumps({**row, "text": "ignored"}), file=metrics)
(model / "weights").write_text("42")
pathlib.Path("logs/own.log").write_text("mine")
print("trained with", accuracy, flush=True)
"""
COMMAND = "python train.py ${{outputs.model}} ${{inputs.accuracy}}"


def a_script(project: Project, accuracy: float = 0.9, **spec: object) -> None:
    project.write("src/train.py", SCRIPT)
    project.job(
        "train",
        COMMAND,
        code="../src",
        inputs={"accuracy": accuracy},
        outputs={"model": {"type": "uri_folder"}},
        **spec,
    )


def test_metrics_logs_and_outputs_of_a_script(project: Project) -> None:
    a_script(project, gates=["accuracy >= 0.8", "min(loss) < 0.4"])
    project.settle()

    metrics = project.gitrain("metrics", "train", "-o", "json").json["metrics"]
    accuracy = next(one for one in metrics if one["name"] == "accuracy")
    assert accuracy["value"] == pytest.approx(0.9)
    assert [point["step"] for point in accuracy["history"]] == [0, 1, 2]
    assert project.gitrain("logs", "train").out == "trained with 0.9\n"
    names = project.gitrain("outputs", "train").lines
    assert names == ["logs/own.log", "model/weights", "outputs/metrics.jsonl"]
    project.gitrain("outputs", "train", "--download", "downloads")
    assert (project.root / "downloads/model/weights").read_text() == "42"
    gates = project.status("train")["gates"]
    assert [gate["passed"] for gate in gates] == [True, True]


def test_a_missed_gate_is_degraded_and_no_drift(project: Project) -> None:
    a_script(project, gates=["accuracy >= 0.95"])

    ended = project.settle(code=7)

    assert "✗ accuracy >= 0.95: 0.9" in ended.out
    assert project.status("train")["health"] == "Degraded"
    plan = project.gitrain("plan", "--detailed-exitcode")
    assert plan.last_line == NO_CHANGES
    assert "completed, but missed accuracy >= 0.95" in plan.out
    project.gitrain("wait", "train", code=7)


def test_a_missing_metric_misses_its_gate(project: Project) -> None:
    a_script(project, gates=["f1 > 0"])

    project.settle(code=7)


def test_gates_against_the_run_before(project: Project) -> None:
    gates = ["accuracy >= previous - 0.01"]
    a_script(project, 0.9, gates=gates)
    project.settle()
    assert "passed (no previous run to compare with)" in project.gitrain("plan").out
    a_script(project, 0.8, gates=gates)
    project.settle(code=7)
    gate = project.status("train")["gates"][0]
    assert gate["threshold"] == pytest.approx(0.89)

    a_script(project, 0.795, gates=gates)
    project.settle()

    ended = project.gitrain("metrics", "train", "-o", "json").json
    assert ended["metrics"][0]["previous"] == pytest.approx(0.8)


def test_variants_beside_one_another(project: Project) -> None:
    a_script(project)
    project.settle()
    project.gitrain("run", "train", "--set", "inputs.accuracy=0.7", "--wait")

    text = project.gitrain("metrics", "train", "--variants").out
    markdown = project.gitrain("metrics", "train", "--variants", "-o", "markdown").out

    assert "inputs.accuracy" in text
    assert "inputs.accuracy" in markdown
    assert markdown.count("|") > text.count("|")
    project.gitrain("metrics", "train", "--variants", "-o", "json", code=1)
    merged = project.gitrain("metrics", "train", "-o", "json").json
    assert merged["previous_run_id"] is None


def test_metrics_of_a_run_without_any(project: Project) -> None:
    project.job("train")
    project.settle()

    assert "No metrics" in project.gitrain("metrics", "train").out
    assert project.gitrain("metrics", "train", "-o", "json").json["metrics"] == []


def test_outputs_and_logs_of_a_named_run(project: Project) -> None:
    a_script(project, 0.9)
    project.settle()
    first = project.status("train")["run"]["id"]
    a_script(project, 0.8)
    project.settle()

    assert project.gitrain("logs", "train", "--run", first).out == "trained with 0.9\n"
    assert project.gitrain("logs", "train").out == "trained with 0.8\n"
    assert first in project.gitrain("logs", "train", "--run", "none", code=1).err


def test_following_a_log_ends_with_the_run(project: Project) -> None:
    project.job("train", "for n in 1 2 3; do echo line $n; sleep 0.2; done")
    project.reconcile()

    assert project.gitrain("logs", "train", "-f").lines == ["line 1", "line 2", "line 3"]


def test_requirements_get_an_interpreter_of_their_own_once(project: Project) -> None:
    wheel = _wheel(project.root.parent)
    project.write("jobs/requirements.txt", f"tiny @ file://{wheel}\n")
    environment = {"requirements_file": "requirements.txt"}
    project.manifest("jobs/environment.yaml", "Environment", "own", environment)
    python = "python -c 'import tiny, sys; print(sys.prefix)'"
    for name in ("one", "two"):
        project.job(name, f"{python} | tee outputs/prefix", environment="own")

    project.settle()

    prefixes = {project.gitrain("logs", name).last_line for name in ("one", "two")}
    assert len(prefixes) == 1
    assert prefixes.pop().startswith(f"{project.root}/.gitrain/environments/")
    logs = [project.gitrain("logs", name).out for name in ("one", "two")]
    assert sum("Successfully installed" in log for log in logs) == 1


def test_requirements_that_cannot_be_installed_fail_with_their_reason(project: Project) -> None:
    project.write("jobs/requirements.txt", "tiny @ file:///nowhere/tiny-1-py3-none-any.whl\n")
    environment = {"requirements_file": "requirements.txt"}
    project.manifest("jobs/environment.yaml", "Environment", "own", environment)
    project.job("train", environment="own")

    project.settle(code=7)

    assert "environment own could not be built" in project.gitrain("plan").out


def test_the_interpreter_that_runs_gitrain(project: Project) -> None:
    project.manifest("jobs/env.yaml", "Environment", "here", {"local": {"python": "current"}})
    project.job("train", "python -c 'import sys; print(sys.prefix)'", environment="here")

    project.settle()

    assert project.gitrain("logs", "train").out.strip() == sys.prefix


def _wheel(folder: Path) -> Path:
    """The smallest package that pip installs without a network."""
    wheel = folder / "tiny-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "")
        archive.writestr(
            "tiny-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1\n"
        )
        archive.writestr("tiny-1.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("tiny-1.dist-info/RECORD", "")
    return wheel


def test_ranks_of_a_distributed_job(project: Project) -> None:
    command = project.mark("$RANK-of-$WORLD_SIZE")
    project.job(
        "train",
        command,
        distribution={"type": "pytorch", "process_count_per_instance": 2},
        resources={"instance_count": 2},
    )

    project.settle()

    assert project.marked() == {f"{rank}-of-4": 1 for rank in range(4)}
