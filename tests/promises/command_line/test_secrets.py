"""A secret reaches the run, and nothing else."""

from __future__ import annotations

import pytest

from tests.promises.command_line.project import Project

CANARY = "c4n4ry-2f9d51"
SECRET = {"variables": {"API": CANARY}}


def a_job(project: Project, command: str) -> None:
    project.job("train", command, environment_variables={"API_KEY": {"env": "API"}})
    project.commit()


def everything_written(project: Project) -> bytes:
    folders = (project.root, project.root.parent / "demo-tmp")
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert any(".gitrain" in path.parts for path in files)
    return b"".join(path.read_bytes() for path in files)


def test_a_canary_appears_nowhere(project: Project) -> None:
    a_job(project, f'test "$API_KEY" = {CANARY[:4]}"{CANARY[4:]}" && {project.mark("seen")}')
    spoken = []

    for arguments in (
        ["plan"],
        ["reconcile", "--wait"],
        ["status"],
        ["status", "-o", "json"],
        ["plan", "-o", "json"],
        ["plan", "--explain", "train"],
        ["show", "job", "train"],
        ["show", "job", "train", "-o", "json"],
        ["doctor"],
        ["logs", "train"],
        ["rerun", "train", "--wait"],
    ):
        ended = project.gitrain(*arguments, **SECRET)
        spoken.append(ended.out + ended.err)

    assert project.marked() == {"seen": 2}
    assert CANARY not in "".join(spoken)
    assert CANARY.encode() not in everything_written(project)


def test_a_failing_job_does_not_give_it_away(project: Project) -> None:
    a_job(project, "exit 3")

    ended = project.gitrain("reconcile", "--wait", code=7, **SECRET)

    assert CANARY not in ended.out + ended.err
    assert CANARY.encode() not in everything_written(project)


def test_plan_names_it_without_looking(project: Project) -> None:
    a_job(project, "true")

    without, with_it = project.gitrain("plan"), project.gitrain("plan", **SECRET)

    assert without.out == with_it.out
    assert "reconcile will need these environment variables: API" in without.out


def test_an_absent_one_blocks_and_a_present_one_unblocks(project: Project) -> None:
    a_job(project, "true")

    assert project.reconcile(code=5).last_line.endswith("1 blocked.")
    project.gitrain("reconcile", "--wait", **SECRET)

    project.assert_settled()
    assert "API is not set" in project.gitrain("doctor", code=1).out


def test_another_value_of_it_is_no_change(project: Project) -> None:
    a_job(project, "true")
    project.gitrain("reconcile", "--wait", **SECRET)

    project.gitrain("plan", "--detailed-exitcode", variables={"API": "rotated"})


@pytest.mark.parametrize("name", ["DB_PASSWORD", "GH_TOKEN", "A_SECRET", "AWS_KEY", "X_SAS"])
def test_a_literal_in_its_place_is_refused_and_not_repeated(project: Project, name: str) -> None:
    project.job("train", environment_variables={name: CANARY})

    ended = project.gitrain("validate", "-o", "json", code=3)

    assert ended.json["problems"][0]["line"] > 1
    assert CANARY not in project.gitrain("validate", code=3).out


def test_a_harmless_literal_can_be_said_to_be_one(project: Project) -> None:
    project.job(
        "train", 'test "$SORT_KEY" = name', environment_variables={"SORT_KEY": {"value": "name"}}
    )

    project.settle()
