"""What people do outside Git: cancel, rerun, and how the plan takes it."""

from __future__ import annotations

import pytest

from gitrain.identity import RunId
from tests.promises.command_line.processes import until
from tests.promises.command_line.project import NO_CHANGES, Project


def live(project: Project, **spec: object) -> Project:
    """A project with a run that continues until it is told to stop."""
    project.job("train", f"{project.mark('train')}; exec sleep 60", **spec)
    project.reconcile()
    until(lambda: project.marked()["train"])
    return project


def test_a_run_canceled_by_a_person_is_degraded_and_no_drift(project: Project) -> None:
    live(project, retries=3)
    run = project.status("train")["run"]["id"]

    assert project.gitrain("cancel", "train").out == f"{run} is being canceled.\n"
    project.gitrain("wait", "train", code=7)

    status = project.status("train")
    assert (status["sync"], status["health"]) == ("Synced", "Degraded")
    plan = project.gitrain("plan", "--detailed-exitcode")
    assert plan.last_line == NO_CHANGES
    assert "was canceled by a person" in plan.out
    project.settle(code=7)
    assert project.marked() == {"train": 1}


def test_a_rerun_is_the_next_attempt(project: Project) -> None:
    live(project)
    project.gitrain("cancel", "train")
    project.gitrain("wait", "train", code=7)

    project.gitrain("rerun", "train")

    assert project.status("train")["run"]["attempt"] == 2
    until(lambda: project.marked()["train"] == 2)


def test_canceling_another_run_than_the_live_one_is_refused(project: Project) -> None:
    live(project)

    assert "no live run other" in project.gitrain("cancel", "train", "--run", "other", code=1).err
    project.gitrain("cancel", "train", "--run", project.status("train")["run"]["id"])


def test_rerunning_what_is_live_submits_nothing(project: Project) -> None:
    live(project)

    ended = project.gitrain("rerun", "train")

    assert "nothing to submit" in ended.out
    assert len(project.runs("train")) == 1


def test_rerunning_what_is_completed_runs_it_again(project: Project) -> None:
    project.job("train", project.mark("train"))
    project.settle()

    project.gitrain("rerun", "train", "--wait")

    assert project.marked() == {"train": 2}
    project.assert_settled()


def test_a_suspended_job_says_so_and_how_it_runs_all_the_same(project: Project) -> None:
    project.job("train", project.mark("train"), suspend=True)
    how = "Job/train is suspended: remove `suspend`, or gitrain run train --set suspend=false\n"

    for command in (["run", "train"], ["run", "train", "--wait"], ["rerun", "train"]):
        assert project.gitrain(*command, code=5).out == how
    rows = project.gitrain("run", "train", "-o", "json", code=5).json["actions"]
    assert [row["reason"] for row in rows] == ["suspended"]
    project.gitrain("run", "train", "--set", "suspend=false", "--wait")

    assert "is completed: nothing to submit" in project.gitrain("run", "train").out
    for more in ([], ["--wait"]):
        again = project.gitrain("rerun", "train", *more, code=5)
        assert again.out == "Job/train is suspended: remove `suspend` first\n"
    assert project.marked() == {"train": 1}


def test_a_suspended_job_whose_run_failed_or_goes_on(project: Project) -> None:
    project.job("fails", "exit 1", suspend=True)
    project.job("train", f"{project.mark('train')}; exec sleep 60", suspend=True)
    for job in ("fails", "train"):
        project.gitrain("run", job, "--set", "suspend=false")
    project.gitrain("wait", "fails", code=7)

    assert "--set suspend=false" in project.gitrain("run", "fails", "--wait", code=5).out
    assert "nothing to submit" in project.gitrain("rerun", "train").out


def test_what_reports_print_names_a_job_or_a_run(project: Project) -> None:
    live(project)
    run = project.status("train")["run"]
    name = RunId("", "train", run["digest"], run["attempt"]).name
    assert name in project.gitrain("status").out

    assert project.gitrain("logs", "Job/train", "--run", name).code == 0
    assert "Job/train" in project.gitrain("plan", "--explain", "job/train").out
    assert "no live run" in project.gitrain("cancel", "train", "--run", f"{name}0", code=1).err
    said = project.gitrain("cancel", "JOB/train", "--run", name).out
    assert said == f"{run['id']} is being canceled.\n"
    project.gitrain("wait", "job/train", code=7)


def test_a_run_that_left_nothing_is_said_to_beside_the_result(project: Project) -> None:
    project.job("train")
    project.job("talks", "mkdir -p outputs; echo hello | tee outputs/said")
    project.settle()
    run = project.status("train")["run"]["id"]

    for more in ([], ["--download", "downloads"]):
        outputs = project.gitrain("outputs", "train", *more)
        said = f"note: {run} has no outputs (completed)\n"
        assert (outputs.out, outputs.err) == ("", said)
    log, followed = project.gitrain("logs", "train"), project.gitrain("logs", "train", "-f")
    assert (log.out, log.err) == ("", f"note: the log of {run} is empty (completed)\n")
    assert (followed.out, followed.err) == ("", f"note: the log of {run} is empty\n")
    log = project.gitrain("logs", "talks")
    assert (log.out, log.err) == ("hello\n", "")
    assert project.gitrain("outputs", "talks").err == ""


def test_canceling_what_waits_for_a_slot(project: Project) -> None:
    project.describe(workspaces={"local": {"type": "local", "slots": 1}})
    live(project)
    project.job("second", project.mark("second"))
    project.reconcile()

    project.gitrain("cancel", "second")

    assert project.status("second")["run"]["phase"] == "canceled"
    assert project.marked() == {"train": 1}


def test_a_removed_job_can_still_be_looked_at_and_canceled(project: Project) -> None:
    live(project)
    project.job("other")
    (project.root / "jobs/train.yaml").unlink()

    assert project.gitrain("logs", "train").code == 0
    assert "is being canceled" in project.gitrain("cancel", "train").out


def test_the_explanation_says_what_it_is_made_of_and_what_runs_it_again(project: Project) -> None:
    project.job("train", inputs={"epochs": 8})
    project.settle()
    project.job("train", inputs={"epochs": 9})

    text = project.gitrain("plan", "--explain", "train").out

    for said in ("submit: inputs.epochs 8 → 9", "OutOfSync, Missing", "another digest"):
        assert said in text
    project.settle()
    text = project.gitrain("plan", "--explain", "train").out
    for said in ("Synced, Healthy", "counts: this digest", "revision: 2", "gitrain rerun train"):
        assert said in text


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("inputs.m=2", "--set inputs.m: nothing in job train uses it; its inputs: n, seed"),
        (
            "outputs.model={}",
            "--set outputs.model: nothing in job train uses it; its outputs: none",
        ),
        (
            "inputs.sed=2",
            "--set inputs.sed: nothing in job train uses it; did you mean inputs.seed?",
        ),
        ("inputs.lr=2", "--set inputs.lr: nothing in job train uses it; its inputs: n, seed"),
        ("inputs.n=[1", "--set inputs.n=[1: this list is not closed"),
    ],
)
def test_a_set_that_changes_nothing_of_the_computation_is_refused(
    project: Project, setting: str, said: str
) -> None:
    project.job("train", project.mark("${{inputs.n}} ${{inputs.seed}}"), inputs={"n": 1, "seed": 1})

    assert said in project.gitrain("run", "train", "--set", setting, code=1).err

    assert project.runs("train") == {}


def test_a_set_may_bring_an_input_and_its_use(project: Project) -> None:
    project.job("train", project.mark("old"))
    command = f"command={project.mark('${{inputs.m}}')}"

    project.gitrain("run", "train", "--set", "inputs.m=7", "--set", command, "--wait")

    assert project.marked() == {"7": 1}


def test_a_live_variant_is_what_people_look_at(project: Project) -> None:
    """Where a completed run counts, too: whoever has just started a variant means the variant."""
    command = "echo at-${{inputs.seconds}}; sleep ${{inputs.seconds}}"
    project.job("train", command, inputs={"seconds": 0})
    project.settle()
    (merged,) = project.runs("train")
    project.gitrain("run", "train", "--set", "inputs.seconds=60")
    until(lambda: "at-60" in project.gitrain("logs", "train").out)

    looked = project.gitrain("logs", "train")
    assert f"a live variant; for the run that counts: --run {merged}" in looked.err
    assert project.gitrain("logs", "train", "--run", merged).out == "at-0\n"
    (current,) = (
        line
        for line in project.gitrain("metrics", "train", "--variants").out.splitlines()
        if line.startswith("*  ")
    )
    assert current.split()[1] in merged

    project.gitrain("cancel", "train")
    until(lambda: project.gitrain("logs", "train").out == "at-0\n")
    assert "note:" not in project.gitrain("logs", "train").err
