"""What one does with runs in Azure ML, by the command line alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.doubles.azure.emulator import Emulator
from tests.promises.azure.azure import CLUSTER, jobs_of, write_resources
from tests.promises.command_line.processes import until
from tests.promises.command_line.project import Project

STORE = "azureml://datastores/workspaceblobstore/paths"
RESUMING = (
    "if [ -e $GITRAIN_CHECKPOINT_DIR/c ]; then echo resumed; "
    "else echo x > $GITRAIN_CHECKPOINT_DIR/c; echo begun; sleep 60; fi"
)
BY_HAND = """
from azureml.core import Environment, Experiment, ScriptRunConfig, Workspace
from azureml.core.authentication import ServicePrincipalAuthentication
import os, pathlib
v = os.environ
auth = ServicePrincipalAuthentication(
    v["AZURE_TENANT_ID"], v["AZURE_CLIENT_ID"], v["AZURE_CLIENT_SECRET"])
ws = Workspace.from_config(auth=auth)
environment = Environment("mine")
environment.python.user_managed_dependencies = True
environment.version = "1"
environment.register(ws)
pathlib.Path("hand").mkdir()
pathlib.Path("hand/README").write_text("by hand")
config = ScriptRunConfig("hand", command=["true"], compute_target="cpu", environment=environment)
print("RUN", Experiment(ws, "by-hand").submit(config).id)
"""


@pytest.fixture
def submitted(project: Project, emulator: Emulator) -> Callable[..., str]:
    """Writes a job, reconciles, and returns its run's id."""
    project.manifest("jobs/cpu.yaml", "Cluster", "cpu", CLUSTER)
    project.manifest("jobs/env.yaml", "Environment", "env", {"image": "python:3.11"})

    def submit(name: str, command: str, **spec: object) -> str:
        project.job(name, command, environment="env", compute="cpu", **spec)
        project.reconcile()
        return next(run_id for run_id in emulator.state.runs if f"-{name}-" in run_id)

    return submit


def test_two_reconcilers_at_once_start_one_run_of_each_digest(
    project: Project, emulator: Emulator
) -> None:
    emulator.switches.set(execution="instant")
    write_resources(project)

    both = [project.start("reconcile") for _ in range(2)]
    ends = [(one.communicate(timeout=120), one.returncode) for one in both]

    assert jobs_of(emulator) == {"first": 1, "second": 1, "third": 1}
    assert [len(made) for made in emulator.state.environments.values()] == [1, 1]
    assert [code for _, code in ends] == [0, 0], ends
    project.assert_settled()


def test_a_preempted_run_resumes_from_its_checkpoints(
    submitted: Callable[..., str], project: Project, emulator: Emulator
) -> None:
    run_id = submitted("train", RESUMING, checkpoints=True)
    until(lambda: emulator.blobs.names(emulator.blobs.container, "gitrain/checkpoints"))

    emulator.jobs.preempt(run_id)
    emulator.jobs.wait(run_id)

    assert "resumed" in project.gitrain("logs", "train").out
    run = project.status("train")["run"]
    assert (run["id"], run["phase"], run["attempt"]) == (run_id, "completed", 1)
    assert jobs_of(emulator) == {"train": 1}
    project.assert_settled()


def test_a_job_takes_what_another_left_in_the_store(
    submitted: Callable[..., str], project: Project, emulator: Emulator
) -> None:
    first = submitted("base", "echo weights > ${{outputs.model}}/w", outputs={"model": {}})
    waiting = {"base": "${{jobs.base.outputs.model}}"}
    emulator.jobs.wait(first)
    second = submitted("tune", "cat ${{inputs.base}}/w", inputs=waiting)
    emulator.jobs.wait(second)

    assert project.gitrain("logs", "tune").out.strip() == "weights"
    assert project.status("tune")["health"] == "Healthy"


def test_a_variant_runs_beside_and_is_found_when_its_values_are_merged(
    submitted: Callable[..., str], project: Project, emulator: Emulator
) -> None:
    command = "echo ${{inputs.n}} > outputs/n"
    submitted("train", f"mkdir -p outputs; {command}", inputs={"n": 1})
    project.gitrain("run", "train", "--set", "inputs.n=2")
    submitted("train", f"mkdir -p outputs; {command}", inputs={"n": 2})

    assert jobs_of(emulator) == {"train": 2}
    project.assert_settled()


def test_a_run_is_canceled_by_hand_and_started_again(
    submitted: Callable[..., str], project: Project, emulator: Emulator
) -> None:
    run_id = submitted("train", "sleep 60")
    emulator.jobs.wait(run_id, 30, "Running")
    project.gitrain("cancel", "train")
    emulator.jobs.wait(run_id)

    canceled = project.status("train")
    assert (canceled["run"]["phase"], canceled["health"]) == ("canceled", "Degraded")
    project.reconcile()
    assert jobs_of(emulator) == {"train": 1}

    project.gitrain("rerun", "train")
    assert jobs_of(emulator) == {"train": 2}
    assert project.status("train")["run"]["attempt"] == 2


def test_a_run_that_was_made_with_the_sdk_is_adopted(project: Project, emulator: Emulator) -> None:
    emulator.switches.set(execution="instant")
    emulator.add_cluster("cpu")
    project.job("train", "python train.py", environment="azureml:mine:1", compute="azureml:cpu")
    made = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BY_HAND],
        cwd=project.root,
        env=project.variables,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert made.returncode == 0, made.stderr
    run_id = made.stdout.rpartition("RUN ")[2].strip()

    project.gitrain("adopt", "train", "--run", run_id)

    assert project.status("train")["run"]["id"] == run_id
    project.reconcile()
    assert list(emulator.state.runs) == [run_id]


def test_a_live_log_is_followed_and_outputs_come_down(
    submitted: Callable[..., str], project: Project, emulator: Emulator
) -> None:
    gate = project.root.parent / "go"
    command = (
        f"echo one; while [ ! -e {gate} ]; do sleep 0.1; done; echo two; mkdir -p outputs; "
        "echo kept > outputs/notes; echo weights > ${{outputs.model}}/w"
    )
    run_id = submitted("train", command, outputs={"model": {}})
    emulator.jobs.wait(run_id, 30, "Running")

    with project.start("logs", "-f", "train") as process:
        assert process.stdout
        assert process.stdout.readline() == "one\n"
        gate.touch()
        rest, _ = process.communicate(timeout=60)
    assert rest.strip() == "two"

    emulator.jobs.wait(run_id)
    project.gitrain("outputs", "train", "--download", "got")
    files = {
        path.name: path.read_text() for path in (project.root / "got").rglob("*") if path.is_file()
    }
    assert files.items() >= {"notes": "kept\n", "w": "weights\n"}.items()
    assert Path(project.root / "got/model/w").exists()
