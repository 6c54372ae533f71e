"""The exit code of every command, and the strings that scripts rely on."""

from __future__ import annotations

import re

import pytest

from tests.promises.command_line.project import NO_CHANGES, Project


def test_detailed_exitcode_says_whether_the_plan_changes_something(project: Project) -> None:
    project.job("train")
    project.gitrain("plan", code=0)
    project.gitrain("plan", "--detailed-exitcode", code=2)
    project.settle()
    project.gitrain("plan", "--detailed-exitcode", code=0)


def test_waiting_alone_is_no_change(project: Project) -> None:
    project.job("fails", "exit 1")
    project.job("waits", depends_on=["fails"])
    project.settle(code=7)

    project.gitrain("plan", "--detailed-exitcode", code=0)


def test_the_frozen_lines(project: Project) -> None:
    project.job("train")
    commit = project.commit()

    head = f"demo → local (.gitrain) at {commit[:7]}"
    plan = project.gitrain("plan")
    assert plan.lines[0] == head
    assert plan.last_line == (
        "Plan: 0 to create, 0 to update, 0 to replace, 0 to delete; 1 to submit, 0 to cancel; "
        "0 unchanged, 0 waiting, 0 blocked."
    )
    done = project.reconcile("--wait")
    assert done.lines[0] == head
    assert done.last_line == (
        "Reconciled: 0 created, 0 updated, 0 replaced, 0 deleted; 1 submitted, 0 canceled; "
        "0 failed, 0 skipped."
    )
    again = project.gitrain("plan")
    assert again.lines == [head, "", NO_CHANGES]
    assert project.reconcile().lines[-1] == NO_CHANGES


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", "--select", "nowhere"],
        ["plan", "--select", "Job/nowhere"],
        ["plan", "--select", "team=nowhere"],
        ["plan", "--prune", "--select", "train"],
        ["plan", "-w", "nowhere"],
        ["plan", "--explain", "nowhere"],
        ["plan", "--offline"],
        ["plan", "--offline", "--base", "nowhere"],
        ["plan", "-o", "xml"],
        ["plan", "surplus"],
        ["reconcile", "--prune", "--select", "train"],
        ["reconcile", "--timeout", "soon"],
        ["reconcile", "--timeout", "5"],
        ["plan", "--explain", "train", "--offline"],
        ["plan", "--explain", "train", "-o", "json"],
        ["run", "nowhere"],
        ["run", "train", "--set", "inputs.x"],
        ["wait", "nowhere"],
        ["wait"],
        ["logs", "train"],
        ["metrics", "nowhere"],
        ["outputs", "train"],
        ["cancel", "train"],
        ["rerun", "nowhere"],
        ["adopt", "train", "--run", "nowhere"],
        ["adopt", "train", "--run", "nowhere", "--output", "model"],
        ["show", "job", "nowhere"],
        ["show", "cluster", "train"],
        ["show", "thing", "train"],
        ["explain", "job.spec.nowhere"],
        ["explain", "thing"],
        ["validate", "nowhere.yaml"],
        ["new", "job", "train", "--command", "true"],
        ["new", "job", "bad name", "--command", "true"],
        ["new", "job", "other", "--command", "true", "--code", "nowhere"],
        ["new", "job", "other", "--command", "true", "--input", "x"],
        ["init", "."],
        ["completion", "tcsh"],
        ["plan", "-C", "nowhere"],
        ["nowhere"],
    ],
    ids=" ".join,
)
def test_mistakes_of_usage_are_1_and_one_message(project: Project, arguments: list[str]) -> None:
    project.job("train")

    ended = project.gitrain(*arguments, code=1)

    assert ended.out == ""
    assert re.match(r"error(\[[a-z-]+\])?: \S", ended.err)
    assert not (project.root / ".gitrain").exists()


def test_a_wrong_option_is_answered_as_every_other_error(project: Project) -> None:
    ended = project.gitrain("plan", "--prun", code=1)

    said, how = ended.err.splitlines()
    assert re.fullmatch(r"error: no such option '--prun' \(did you mean .*'--prune'\?\)", said)
    assert how == "help: gitrain plan --help"


def test_a_blocked_action_is_5_of_reconcile_and_0_of_plan(project: Project) -> None:
    project.job("train", environment_variables={"KEY": {"env": "NOT_SET"}})
    project.job("fine")

    project.gitrain("plan", code=0)
    ended = project.reconcile(code=5)

    assert "needs the environment variable NOT_SET, which is not set" in ended.out
    assert project.status("fine")["run"]
    project.gitrain("run", "train", code=5)


def test_a_timeout_is_1_and_the_run_goes_on(project: Project) -> None:
    project.job("train", f"sleep 1.5; {project.mark('done')}")

    ended = project.reconcile("--wait", "--timeout", "0.2", code=1)
    assert "--timeout passed. What is live goes on" in ended.out
    ended = project.gitrain("wait", "train", "--timeout", "0.2", code=1)
    assert "--timeout passed. What is live goes on" in ended.out
    ended = project.gitrain("wait", "train", "--timeout", "0.2", "-o", "json", code=1)
    assert ended.json["resources"][0]["name"] == "train"

    project.gitrain("wait", "train", code=0)
    assert project.marked() == {"done": 1}


def test_a_failed_run_is_7_when_waited_for(project: Project) -> None:
    project.job("train", "exit 5")

    project.reconcile(code=0)
    project.gitrain("wait", "train", code=7)
    project.reconcile(code=0)
    project.settle(code=7)
    project.gitrain("rerun", "train", "--wait", code=7)
    assert project.status("train")["run"]["exit_code"] == 5


def test_help_and_version_are_0(project: Project) -> None:
    assert project.gitrain("--version").out.startswith("gitrain, version ")
    assert "Exit codes:" in project.gitrain("--help").out
    assert project.gitrain("help", code=1).err
    assert project.gitrain("reconcile", "-h").out.startswith("Usage: gitrain reconcile")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("statu", "status"),
        ("pln", "plan"),
        ("apply", "reconcile"),
        ("destroy", "reconcile --prune"),
        ("stream", "logs -f"),
    ],
)
def test_an_unknown_command_is_answered_with_the_nearest(
    project: Project, typed: str, meant: str
) -> None:
    ended = project.gitrain(typed, code=1)

    assert f"error: there is no command {typed}; did you mean {meant}?" in ended.err


def test_without_a_project_it_says_how_to_begin(project: Project) -> None:
    (project.root / "gitrain.yaml").unlink()

    for command in (["plan"], ["validate"], ["new", "job", "x", "--command", "true"]):
        ended = project.gitrain(*command, code=1)
        assert "`gitrain init` makes one" in ended.err
