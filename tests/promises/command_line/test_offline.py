"""Plans without a workspace: what a pull request would do, compared with its base."""

from __future__ import annotations

import pytest

from tests.promises.command_line.project import NO_CHANGES, Project

CLUSTER = {"size": "Standard_NC4as_T4_v3", "max_instances": 2}


@pytest.fixture
def on_azure(project: Project) -> Project:
    """A project for Azure ML, with a cluster and a job on it."""
    project.describe(workspaces={"azure": {"type": "azureml", "config": "config.json"}})
    project.manifest("jobs/gpu.yaml", "Cluster", "gpu", CLUSTER)
    project.manifest("jobs/env.yaml", "Environment", "env", {"image": "python:3.11"})
    project.job("train", compute="gpu", environment="env", inputs={"x": 1}, limits={"timeout": 60})
    project.commit()
    return project


def offline(project: Project) -> dict:
    return project.plan("--offline", "--base", "main")


def test_against_itself_there_is_nothing_to_do(on_azure: Project) -> None:
    ended = on_azure.gitrain("plan", "--offline", "--base", "main", "--detailed-exitcode")

    assert "offline: as if all runs of main had completed" in ended.lines[0]
    assert ended.last_line == NO_CHANGES


def test_each_change_is_named(on_azure: Project) -> None:
    on_azure.manifest("jobs/gpu.yaml", "Cluster", "gpu", CLUSTER | {"max_instances": 4})
    on_azure.manifest("jobs/env.yaml", "Environment", "env", {"image": "python:3.12"})
    on_azure.manifest("jobs/more.yaml", "Cluster", "more", CLUSTER)
    place = {"compute": "gpu", "environment": "env", "limits": {"timeout": 3600}}
    on_azure.job("train", inputs={"x": 2}, **place)

    plan = offline(on_azure)

    rows = {f"{row['kind']}/{row['name']}": row for row in plan["actions"]}
    assert {key: row["action"] for key, row in rows.items()} == {
        "Cluster/gpu": "update",
        "Cluster/more": "create",
        "Environment/env": "register",
        "Job/train": "submit",
    }
    assert rows["Cluster/gpu"]["changes"] == [{"path": "max_instances", "old": 2, "new": 4}]
    assert "inputs.x 1 → 2" in rows["Job/train"]["reason"]
    assert plan["gpu_hours"] == 1


def test_a_fixed_field_needs_replace(on_azure: Project) -> None:
    on_azure.manifest("jobs/gpu.yaml", "Cluster", "gpu", CLUSTER | {"tier": "low_priority"})

    assert offline(on_azure)["summary"]["blocked"] >= 1
    plan = on_azure.plan("--offline", "--base", "main", "--replace")
    assert plan["summary"]["replace"] == 1


def test_budgets_are_refused_with_the_plan(on_azure: Project) -> None:
    on_azure.describe(
        workspaces={"azure": {"type": "azureml", "config": "config.json"}},
        policy={"max_submits": 1, "max_gpu_hours": 1},
    )
    for name in ("two", "three"):
        on_azure.job(name, compute="gpu", environment="env", limits={"timeout": 36000})

    plan = on_azure.plan("--offline", "--base", "main", code=4)

    assert {problem["code"] for problem in plan["problems"]} == {"max-submits", "max-gpu-hours"}
    assert plan["summary"]["submit"] == 2
    plan = on_azure.plan("--offline", "--base", "main", "--max-submits", "2", code=4)
    assert {problem["code"] for problem in plan["problems"]} == {"max-gpu-hours"}


def test_gates_of_runs_that_were_never_made_are_not_missed(project: Project) -> None:
    project.job("train", gates=["accuracy >= 0.9"])
    project.job("next", depends_on=["train"])
    project.commit()

    plan = offline(project)

    assert plan["degraded"] == []
    assert plan["summary"]["unchanged"] == 2


def test_the_default_base_is_the_remotes_branch(project: Project) -> None:
    project.job("train")
    project.commit()
    clone = project.root.parent / "clone"
    project.git("clone", "-q", str(project.root), str(clone))

    ended = project.gitrain("plan", "--offline", cwd=clone)
    assert "offline: as if all runs of origin/main had completed" in ended.lines[0]
    assert ended.last_line == NO_CHANGES
    project.gitrain("plan", "--offline", code=1)


def test_code_that_changed_is_named_by_its_files(project: Project) -> None:
    project.write("src/train.sh", "true")
    project.job("train", "sh train.sh", code="../src")
    project.commit()
    project.git("checkout", "-q", "-b", "change")
    project.write("src/train.sh", "false")
    project.commit()

    assert offline(project)["actions"][0]["reason"] == "code changed (train.sh)"


def test_a_base_that_had_no_project_yet(project: Project) -> None:
    project.git("rm", "-q", "--cached", "gitrain.yaml")
    project.git("commit", "-q", "-m", "without")
    project.job("train")
    project.commit()

    plan = project.plan("--offline", "--base", "HEAD~1")

    assert plan["summary"]["submit"] == 1


def test_a_workspace_that_the_base_does_not_know_is_empty(project: Project) -> None:
    project.job("train")
    project.commit()
    project.describe(workspaces={"new": {"type": "local"}})

    assert offline(project)["summary"]["submit"] == 1


def test_a_base_that_is_broken_is_one_line(project: Project) -> None:
    project.job("train", comand="x")
    project.commit()
    project.job("train")

    ended = project.gitrain("plan", "--offline", "--base", "main", code=1)

    assert "the manifests at main are invalid (1 problem): use another --base" in ended.err
