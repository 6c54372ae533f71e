"""Plans compared with a base, in real repositories: what a pull request adds."""

from __future__ import annotations

import pytest

from tests.promises.command_line.project import NO_CHANGES, Project


def writes(plan: dict) -> list[str]:
    keeps = ("keep", "waiting", "blocked")
    return [f"{a['action']} {a['name']}" for a in plan["actions"] if a["action"] not in keeps]


@pytest.fixture
def parted(project: Project) -> Project:
    """A branch that changes one job, while main has changed another and run it."""
    project.job("mine", "true 1")
    project.job("theirs", "true 1")
    project.commit()
    project.git("branch", "change")
    project.job("theirs", "true 2")
    project.commit()
    project.settle()
    project.git("checkout", "-q", "change")
    project.job("mine", "true 2")
    project.commit()
    return project


def test_a_branch_left_behind_plans_only_its_own_change(parted: Project) -> None:
    assert writes(parted.plan()) == ["submit mine", "submit theirs"], "the old state of theirs"

    plan = parted.plan("--base", "main")

    assert writes(plan) == ["submit mine"]
    assert plan["base"]["behind"] == 1
    assert plan["base"]["moved"] == [{"kind": "Job", "name": "theirs"}]
    assert plan["base"]["pending"] == []
    text = parted.gitrain("plan", "--base", "main")
    assert "compared with main (1 commit behind)" in text.lines[0]
    told = "Changed on main since this branch forked (1 commit behind, not part of this plan): "
    assert told + "Job/theirs" in text.lines
    assert "1 to submit" in text.last_line


def test_the_merge_commit_of_a_pull_request_plans_the_same(parted: Project) -> None:
    parted.git("checkout", "-q", "--detach", "main")
    parted.git("merge", "-q", "--no-edit", "change")

    plan = parted.plan("--base", "main")

    assert writes(plan) == ["submit mine"]
    assert (plan["base"]["behind"], plan["base"]["moved"]) == (0, [])
    assert plan["base"]["fork"] == plan["base"]["commit"] == parted.git("rev-parse", "main")


def test_offline_a_branch_left_behind_reverts_nothing_either(parted: Project) -> None:
    assert writes(parted.plan("--offline", "--base", "main")) == ["submit mine"]


def test_what_is_pending_on_the_base_is_told_apart(parted: Project) -> None:
    parted.git("checkout", "-q", "main")
    parted.job("late")
    parted.commit()
    parted.git("checkout", "-q", "change")

    plan = parted.plan("--base", "main")

    assert writes(plan) == ["submit mine"]
    assert [(row["action"], row["name"]) for row in plan["base"]["pending"]] == [("submit", "late")]
    lines = parted.gitrain("plan", "--base", "main").lines
    assert "Already pending on main (not part of this plan): 1 submit" in lines


def test_a_variant_that_ran_is_reused(parted: Project) -> None:
    parted.gitrain("run", "mine", "--wait")

    plan = parted.plan("--base", "main")

    [reused] = plan["base"]["reused"]
    assert reused["name"] == "mine"
    assert writes(plan) in ([], ["update mine"])


def test_a_branch_that_mends_its_base_gets_a_plan(parted: Project) -> None:
    parted.git("checkout", "-q", "main")
    parted.write("jobs/broken.yaml", "kind: Job\n")
    parted.commit()
    parted.git("checkout", "-q", "-b", "mend")
    (parted.root / "jobs/broken.yaml").unlink()
    parted.job("new")
    parted.commit()

    plan = parted.plan("--base", "main")

    assert "submit new" in writes(plan)
    assert plan["base"]["problems"]
    assert "Already wrong on main" in parted.gitrain("plan", "--base", "main").out
    parted.gitrain("plan", "--base", "main", "--offline", code=1)


def test_a_base_is_read_as_it_was_committed(project: Project) -> None:
    """Whatever archives leave out, ignore files name, or attributes convert."""
    project.write(".gitattributes", "notes export-ignore\nunix.txt text eol=crlf\n")
    project.write("src/notes", "kept")
    project.write("src/unix.txt", "one\ntwo\n")
    project.write("src/data.log", "tracked, though ignored")
    project.job("train", code="../src")
    project.git("add", "-A")
    project.write(".gitignore", "*.log\n/downloads\n")
    project.commit()

    ended = project.gitrain("plan", "--offline", "--base", "HEAD")

    assert ended.last_line == NO_CHANGES


def test_what_cannot_be_compared_is_one_line(project: Project) -> None:
    project.job("train", "true")
    project.commit()

    assert (
        "does not have the revision nowhere"
        in project.gitrain("plan", "--base", "nowhere", code=1).err
    )
    project.git("checkout", "-q", "--orphan", "other")
    project.job("train", "false")
    project.commit()
    err = project.gitrain("plan", "--base", "main", code=1).err
    assert "share no history" in err
    assert "fetch-depth: 0" in err
