"""`run --base`: what a branch adds runs before it is merged."""

from __future__ import annotations

from tests.promises.command_line.project import Project


def merged(project: Project) -> None:
    """main: two jobs, both done."""
    project.job("one", project.mark("one"))
    project.job("two", project.mark("two"))
    project.commit()
    project.settle()


def branch(project: Project, name: str = "change") -> None:
    project.git("switch", "-q", "-c", name)


def test_what_a_branch_changes_runs_and_is_found_after_the_merge(project: Project) -> None:
    merged(project)
    branch(project)
    project.job("two", project.mark("changed"))
    project.commit()

    project.gitrain("run", "--base", "main", "--wait")
    assert project.marked() == {"one": 1, "two": 1, "changed": 1}

    project.git("switch", "-q", "main")
    project.git("merge", "-q", "--squash", "change")
    project.commit()
    project.settle()
    assert project.marked() == {"one": 1, "two": 1, "changed": 1}
    project.assert_settled()


def test_what_is_pending_on_the_base_or_came_there_since_is_not_run(project: Project) -> None:
    merged(project)
    project.job("pending", project.mark("pending"))
    project.commit()
    branch(project)
    project.job("two", project.mark("changed"))
    project.commit()
    project.git("switch", "-q", "main")
    project.job("one", project.mark("moved on"))
    project.commit()
    project.git("switch", "-q", "change")

    project.gitrain("run", "--base", "main", "--wait")

    assert project.marked() == {"one": 1, "two": 1, "changed": 1}


def test_a_live_run_of_the_base_goes_on(project: Project) -> None:
    project.job("train", "exec sleep 60")
    project.commit()
    project.reconcile()
    before = project.status("train")["run"]["id"]
    branch(project)
    project.job("train", project.mark("variant"))
    project.commit()

    project.gitrain("run", "--base", "main", "--wait")

    assert project.marked() == {"variant": 1}
    assert project.runs("train")[before] in ("running", "preparing")


def test_a_chain_is_run_link_by_link(project: Project) -> None:
    project.job("a", "echo 1 > ${{outputs.x}}/n", outputs={"x": {}})
    needs = {"x": "${{jobs.a.outputs.x}}"}
    project.job("b", f"cat ${{{{inputs.x}}}}/n; {project.mark('b')}", inputs=needs)
    project.commit()
    project.settle()
    branch(project)
    project.job("a", "echo 2 > ${{outputs.x}}/n", outputs={"x": {}})
    project.commit()

    first = project.gitrain("run", "--base", "main", "--wait")
    assert "Job/b is waiting" in first.out
    project.gitrain("run", "--base", "main", "--wait")

    assert project.marked() == {"b": 2}
    assert project.plan("--detailed-exitcode", code=2)["summary"]["submit"] == 0


def test_nothing_to_run_is_said(project: Project) -> None:
    merged(project)

    said = project.gitrain("run", "--base", "main").out
    outcomes = project.gitrain("run", "--base", "main", "-o", "json").json["outcomes"]

    assert said == "Nothing to run: no job differs from main.\n"
    assert outcomes == []


def test_a_base_that_is_not_there_or_too_much_asked(project: Project) -> None:
    merged(project)

    assert "no revision nowhere" in project.gitrain("run", "--base", "nowhere", code=1).err
    assert "leave out JOB" in project.gitrain("run", "one", "--base", "main", code=1).err
    assert "which job?" in project.gitrain("run", code=1).err
