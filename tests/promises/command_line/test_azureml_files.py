"""Azure ML's own YAML as it is: it loads, or says in one message why not; and is written back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.promises.command_line.project import Project
from tests.root import ROOT

SCHEMA = "$schema: https://azuremlschemas.azureedge.net/latest/{}.schema.json\n"
EXAMPLES = ROOT.parent / "shared/data/az-ml"
JOB = (
    SCHEMA.format("commandJob")
    + """
command: python train.py --lr ${{inputs.lr}} --out ${{outputs.model}}
code: src
inputs:
  lr: 0.01
  data:
    type: uri_folder
    path: azureml://datastores/workspaceblobstore/paths/data
outputs:
  model:
environment:
  image: python:3.11
compute: azureml:gpu
distribution:
  type: pytorch
  process_count_per_instance: 2
resources:
  instance_count: 2
limits:
  timeout: 600
environment_variables:
  MODE: fast
experiment_name: pets
description: A job.
tags: {team: vision}
"""
)


@pytest.fixture
def on_azure(project: Project) -> Project:
    azure = {"type": "azureml", "config": "config.json"}
    project.describe(workspaces={"azure": azure}, defaults={"Job": {"compute": "azureml:gpu"}})
    return project


def digest(project: Project, name: str) -> str:
    return project.gitrain("show", "job", name, "-o", "json").json["digest"]


def test_a_job_is_loaded_and_written_back_with_the_same_digest(
    on_azure: Project, tmp_path: Path
) -> None:
    on_azure.write("jobs/train/job.yml", JOB)
    on_azure.write("jobs/train/src/train.py", "print('hi')")
    before = digest(on_azure, "train")

    written = on_azure.gitrain("show", "job", "train", "-o", "azureml")

    again = Project(tmp_path / "again")
    again.describe(workspaces={"azure": {"type": "azureml", "config": "config.json"}})
    again.write("jobs/train/job.yml", written.out)
    again.write("jobs/train/src/train.py", "print('hi')")
    assert digest(again, "train") == before


def test_a_manifest_of_ours_written_as_azure_mls_keeps_its_digest(
    on_azure: Project, tmp_path: Path
) -> None:
    on_azure.manifest("jobs/env.yaml", "Environment", "env", {"image": "python:3.11"})
    on_azure.job(
        "train",
        "python train.py ${{inputs.x}}",
        environment="env",
        inputs={"x": 1},
        gates=["accuracy > 0.5"],
        retries=2,
    )

    written = on_azure.gitrain("show", "job", "train", "-o", "azureml")

    assert "gates" in written.err
    assert "retries" in written.err
    again = Project(tmp_path / "again")
    again.describe(workspaces={"azure": {"type": "azureml", "config": "config.json"}})
    again.write("jobs/train.yaml", written.out)
    assert digest(again, "train") == digest(on_azure, "train")


def test_a_cluster_and_an_environment(on_azure: Project) -> None:
    on_azure.write("jobs/gpu.yml", "name: gpu\ntype: amlcompute\nmin_instances: 1\n")
    environment = SCHEMA.format("environment") + "name: env\nimage: python:3.11\n"
    on_azure.write("jobs/env.yml", environment)

    shown = on_azure.gitrain("show", "cluster", "gpu", "-o", "json").json["manifest"]["spec"]
    assert (shown["size"], shown["max_instances"]) == ("Standard_DS3_v2", 4)
    assert on_azure.gitrain("show", "environment", "env", "-o", "json").json["version"]
    assert "type: amlcompute" in on_azure.gitrain("show", "cluster", "gpu", "-o", "azureml").out


def test_what_is_not_supported_yet_is_one_warning_and_forbids_pruning(on_azure: Project) -> None:
    on_azure.write("jobs/sweep.yml", SCHEMA.format("sweepJob") + "type: sweep\n")
    on_azure.commit()

    problems = on_azure.gitrain("validate", "-o", "json").json["problems"]

    assert [problem["severity"] for problem in problems] == ["warning"]
    assert "not supported yet" in problems[0]["message"]
    refused = on_azure.plan("--offline", "--base", "main", "--prune", code=4)
    assert "prune-unsupported" in {problem["code"] for problem in refused["problems"]}


def test_a_field_that_v1_lacks_is_one_error(on_azure: Project) -> None:
    text = JOB.replace("code: src\n", "") + "services: {ssh: {type: ssh}}\n"
    on_azure.write("jobs/train.yml", text)

    problems = on_azure.gitrain("validate", "-o", "json", code=3).json["problems"]

    assert len([problem for problem in problems if problem["severity"] == "error"]) == 1


def test_latest_is_refused(on_azure: Project) -> None:
    latest = JOB.replace("code: src\n", "").replace(
        "environment:\n  image: python:3.11\n", "environment: azureml:env@latest\n"
    )
    on_azure.write("jobs/train.yml", latest)

    text = on_azure.gitrain("validate", code=3).out

    assert "the same manifest always means the same run" in text


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the examples are not part of the repository")
def test_every_public_example_loads_or_has_a_message_with_its_place(on_azure: Project) -> None:
    files = sorted(path for path in EXAMPLES.rglob("*.y*ml"))
    for number, file in enumerate(files):
        on_azure.write(f"jobs/{number:04}/{file.name}", file.read_text(errors="replace"))

    ended = on_azure.gitrain("validate", "-o", "json", code=None)

    assert ended.code in (0, 3)
    assert all(problem["line"] >= 1 for problem in ended.json["problems"])
