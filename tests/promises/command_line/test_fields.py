"""How a job's fields and the project's settings take effect."""

from __future__ import annotations

import pytest

from tests.promises.command_line.processes import until
from tests.promises.command_line.project import Project


def test_retries_submit_again_at_most_that_often(project: Project) -> None:
    project.job("train", f"{project.mark('train')}; exit 1", retries=2)

    project.settle(code=7)

    assert project.marked() == {"train": 3}
    assert project.status("train")["run"]["attempt"] == 3
    project.assert_settled()


def test_more_retries_are_one_more_chance(project: Project) -> None:
    project.job("train", f"{project.mark('train')}; exit 1")
    project.settle(code=7)
    project.job("train", f"{project.mark('train')}; exit 1", retries=1)

    assert project.row("train")["reason"] == "attempt 1 failed; again"
    project.settle(code=7)

    assert project.marked() == {"train": 2}


def test_a_retry_that_succeeds_is_healthy(project: Project) -> None:
    command = "mkdir $GITRAIN_CHECKPOINT_DIR/tried || exit 0; exit 1"
    project.job("train", command, retries=1, checkpoints=True)

    project.settle()

    status = project.status("train")
    assert (status["health"], status["run"]["attempt"]) == ("Healthy", 2)
    project.assert_settled()


def test_new_limits_give_a_failed_job_another_chance(project: Project) -> None:
    project.job("train", f"{project.mark('train')}; sleep 1", limits={"timeout": 0.2})
    project.gitrain("validate", code=3)
    project.job("train", f"{project.mark('train')}; sleep 1.5", limits={"timeout": 1})
    project.settle(code=7)
    assert "timed out after 1 s" in project.gitrain("plan").out

    project.job("train", f"{project.mark('train')}; sleep 1.5", limits={"timeout": 60})

    assert project.row("train")["reason"] == "attempt 1 failed; limits.timeout 1 → 60"
    project.settle()
    assert project.marked() == {"train": 2}


@pytest.mark.parametrize("supersede", ["cancel", "keep"])
def test_an_older_live_run_is_superseded_or_kept(project: Project, supersede: str) -> None:
    project.job("train", f"{project.mark('old')}; exec sleep 2")
    project.reconcile()
    until(lambda: project.marked()["old"])
    project.job("train", project.mark("new"), supersede=supersede)

    cancels = project.plan()["summary"]["cancel"]
    project.settle()

    assert cancels == (1 if supersede == "cancel" else 0)
    assert project.marked() == {"old": 1, "new": 1}
    project.assert_settled()


def test_suspended_jobs_are_not_submitted_and_live_ones_go_on(project: Project) -> None:
    project.job("train", f"{project.mark('train')}; sleep 0.5")
    project.reconcile()
    project.job("train", f"{project.mark('train')}; sleep 0.5 ", suspend=True)
    project.job("never", suspend=True)

    project.settle()

    assert project.status("never")["health"] == "Suspended"
    assert project.status("never")["sync"] == "Synced"
    assert project.marked() == {"train": 1}
    project.assert_settled()
    project.job("never")
    assert project.plan()["summary"]["submit"] == 1


def test_no_more_runs_at_once_than_slots(project: Project) -> None:
    project.describe(workspaces={"local": {"type": "local", "slots": 1}})
    for name in ("one", "two", "three"):
        project.job(name, f"{project.mark('begin')}; sleep 0.2; {project.mark('end')}")

    project.settle()

    assert project.marks.read_text().split() == ["begin", "end"] * 3


def test_defaults_vars_and_overrides_come_together(project: Project) -> None:
    local = {"type": "local", "slots": 2, "vars": {"data": "here"}}
    other = {"type": "local", "path": ".other", "vars": {"data": "there"}}
    project.describe(
        workspaces={"local": local, "other": other},
        default_workspace="local",
        defaults={"Job": {"environment_variables": {"MODE": "default"}, "limits": {"timeout": 60}}},
    )
    project.job(
        "train",
        project.mark("${{inputs.from}}-$MODE-${{inputs.size}}"),
        inputs={"from": "${{vars.data}}", "size": 1},
        metadata={"workspaces": ["local", "other"]},
        overrides={"other": {"inputs": {"size": 2}}},
    )

    project.settle()
    project.gitrain("reconcile", "--wait", "-w", "other")

    assert project.marked() == {"here-default-1": 1, "there-default-2": 1}
    assert "size: 2" in project.gitrain("show", "job", "train", "-w", "other").out
    shown = project.gitrain("show", "job", "train", "-o", "json").json
    assert shown["manifest"]["spec"]["limits"] == {"timeout": 60}


def test_a_job_of_another_workspace_is_said_to_be_there(project: Project) -> None:
    project.describe(
        workspaces={"local": {"type": "local"}, "other": {"type": "local", "path": "o"}}
    )
    project.job("trial", metadata={"workspaces": ["local"]})
    project.job("train", metadata={"workspaces": ["other"]})
    project.commit()

    for command in (
        ["logs", "train"],
        ["run", "train"],
        ["wait", "train"],
        ["show", "job", "train"],
    ):
        said = project.gitrain(*command, code=1).err
        assert said.endswith("train in workspace local, but in other: use -w other\n")
    assert "did you mean train?" in project.gitrain("run", "trian", "-w", "other", code=1).err


def test_without_a_default_the_workspaces_to_choose_from_are_named(project: Project) -> None:
    places = {name: {"type": "local", "path": f".{name}"} for name in ("here", "there")}
    project.describe(workspaces=places)
    project.job("train", metadata={"workspaces": ["here", "there"]})

    assert project.gitrain("plan", code=1).err == (
        "error: which workspace? This project has here, there: "
        "use -w NAME, or set spec.default_workspace in gitrain.yaml\n"
    )
    assert "did you mean there?" in project.gitrain("plan", "-w", "ther", code=1).err
    project.gitrain("plan", "-w", "there")


def test_a_job_without_workspaces_stays_off_the_laptop(project: Project) -> None:
    azure = {"type": "azureml", "config": "config.json"}
    project.describe(
        workspaces={"local": {"type": "local"}, "azure": azure}, default_workspace="local"
    )
    project.job("train", compute="azureml:gpu", environment="azureml:env:1")

    assert project.plan()["actions"] == []
    project.assert_settled()


def test_what_local_gives_no_meaning_to_is_said_once(project: Project) -> None:
    for name in ("one", "two"):
        project.job(name, compute="azureml:gpu", resources={"shm_size": "4g"})

    notes = project.plan()["notes"]

    assert len([note for note in notes if "shm_size" in note]) == 1
    assert any("compute" in note for note in notes)


def test_data_by_content_runs_again_when_it_changed(project: Project) -> None:
    data = {"type": "uri_folder", "path": "../data", "fingerprint": "content"}
    project.write("data/a.txt", "1")
    project.job("train", "cat ${{inputs.data}}/a.txt", inputs={"data": data})
    project.settle()
    project.assert_settled()

    project.write("data/a.txt", "2")

    assert project.row("train")["reason"] == "inputs.data changed"
    project.settle()
    assert project.gitrain("logs", "train").out == "2"


def test_files_that_are_ignored_are_not_shipped(project: Project) -> None:
    project.write("src/train.sh", "ls")
    project.write("src/big.bin", "x")
    project.write("src/.amlignore", "*.bin\n")
    project.job("train", "sh train.sh", code="../src")
    project.settle()

    project.write("src/big.bin", "y")
    project.assert_settled()
    assert "big.bin" not in project.gitrain("logs", "train").out


def test_a_manifest_with_several_documents(project: Project) -> None:
    text = "".join(
        f"---\napiVersion: gitrain/v1\nkind: Job\nmetadata: {{name: {name}}}\n"
        f"spec: {{command: '{project.mark(name)}'}}\n"
        for name in ("one", "two")
    )
    project.write("jobs/both.yaml", text)

    project.settle()

    assert project.marked() == {"one": 1, "two": 1}
    assert project.row("two")["source"] == {"file": "jobs/both.yaml", "line": 7}
