"""kill -9 of a supervisor, of the trainer, of everything: the same run continues where it was."""

from __future__ import annotations

import os
import signal

import pytest

from tests.promises.command_line.processes import (
    kill,
    kill_all,
    supervisors,
    terminate_groups,
    trainers,
    until,
)
from tests.promises.command_line.project import Project

STEPS = 12
TRAIN = """
saved=${{GITRAIN_CHECKPOINT_DIR:?}}/step
step=$(cat $saved 2>/dev/null || echo 0)
while [ $step -lt {steps} ]; do
  step=$((step + 1))
  echo step-$step >> {marks}
  echo $step > $saved.new && mv $saved.new $saved
  sleep 0.1
done
"""


@pytest.fixture
def training(project: Project) -> Project:
    """A project whose trainer has done a few steps and is still running."""
    project.write("src/train.sh", TRAIN.format(steps=STEPS, marks=project.marks))
    project.job("train", "sh train.sh", code="../src", checkpoints=True)
    project.commit()
    project.reconcile()
    until(lambda: project.marked()["step-3"])
    return project


def assert_went_on(project: Project, kills: int = 1) -> None:
    """The first run completed, and no step was done twice but the one in which it was killed."""
    run = project.status("train")["run"]
    assert (run["phase"], run["attempt"]) == ("completed", 1)
    assert len(project.runs("train")) == 1
    marked = project.marked()
    assert set(marked) == {f"step-{number}" for number in range(1, STEPS + 1)}
    assert marked.total() <= STEPS + kills
    project.assert_settled()


def test_the_trainer(training: Project) -> None:
    kill(trainers(training.root))

    training.settle()

    assert_went_on(training)


def test_waiting_for_a_preempted_run_is_no_success(training: Project) -> None:
    kill(supervisors(training.root) + trainers(training.root))
    until(lambda: training.row("train")["action"] == "submit")

    said = training.gitrain("wait", "train", code=1).err

    assert said.startswith("error: Job/train has not finished: submit: was preempted")
    training.settle()
    training.gitrain("wait", "train")


def test_the_trainers_group_by_sigterm(training: Project) -> None:
    terminate_groups(trainers(training.root))

    training.settle()

    assert_went_on(training)


def test_the_supervisor(training: Project) -> None:
    kill(supervisors(training.root))

    training.settle()

    assert_went_on(training)


def test_everything_at_once(training: Project) -> None:
    with training.start("reconcile", "--wait") as reconcile:
        until(lambda: training.marked()["step-5"])
        os.killpg(reconcile.pid, signal.SIGKILL)
        kill_all(training.root)
    plan = training.plan()

    assert plan["actions"][0]["reason"] == "was preempted; the same run continues"
    assert plan["summary"]["submit"] == 1
    training.settle()
    assert_went_on(training)


def test_a_waiting_reconcile_submits_the_run_again_by_itself(training: Project) -> None:
    with training.start("reconcile", "--wait") as reconcile:
        kill(trainers(training.root))
        out, err = reconcile.communicate(timeout=60)

    assert reconcile.returncode == 0, out + err
    assert_went_on(training)


def test_the_fourth_time_it_is_failed_by_its_own_fault(project: Project) -> None:
    project.job("train", f"{project.mark('train')}; kill -9 $$")

    project.settle(code=7)

    run = project.status("train")
    assert (run["health"], run["run"]["phase"]) == ("Degraded", "failed")
    assert project.marked() == {"train": 4}
    project.assert_settled()


def test_a_preempted_run_can_be_canceled(training: Project) -> None:
    kill_all(training.root)

    training.gitrain("cancel", "train")

    assert training.status("train")["run"]["phase"] == "canceled"
    training.assert_settled()
