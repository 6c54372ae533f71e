"""Jobs that take from other jobs: who waits, for what, and how it ends."""

from __future__ import annotations

from tests.promises.command_line.project import NO_CHANGES, Project

TAKE = "cat ${{inputs.base}}/weights > outputs/taken"


def a_pair(project: Project, make: str = "echo 42 > ${{outputs.model}}/weights") -> None:
    """Two jobs, of which the second takes the first one's output."""
    project.job("first", make, outputs={"model": {"type": "uri_folder"}})
    project.job("second", TAKE, inputs={"base": "${{jobs.first.outputs.model}}"})
    project.commit()


def test_the_first_plan_submits_one_and_lets_one_wait(project: Project) -> None:
    a_pair(project)

    ended = project.gitrain("plan")

    assert "  … Job/second   waits for first to complete" in ended.lines
    assert ended.last_line == (
        "Plan: 0 to create, 0 to update, 0 to replace, 0 to delete; 1 to submit, 0 to cancel; "
        "0 unchanged, 1 waiting, 0 blocked."
    )


def test_waiting_carries_the_output_from_one_to_the_other(project: Project) -> None:
    a_pair(project)

    assert project.settle().last_line == (
        "Reconciled: 0 created, 0 updated, 0 replaced, 0 deleted; 2 submitted, 0 canceled; "
        "0 failed, 0 skipped."
    )
    project.gitrain("outputs", "second", "--download", "downloads")
    assert (project.root / "downloads/outputs/taken").read_text() == "42\n"
    project.assert_settled()


def test_without_waiting_the_next_reconcile_submits_the_dependent(project: Project) -> None:
    a_pair(project)

    project.reconcile()
    project.gitrain("wait", "first")
    project.reconcile()
    project.gitrain("wait", "second")

    project.assert_settled()


def test_a_failed_upstream_is_said_and_ends_with_7_only_when_waited_for(project: Project) -> None:
    a_pair(project, "exit 3")

    ended = project.settle(code=7)
    assert "first failed: exit code 3" in ended.out
    plan = project.reconcile()
    assert "  … Job/second   first failed: exit code 3" in plan.lines
    assert NO_CHANGES not in plan.out
    assert plan.last_line.endswith("1 unchanged, 1 waiting, 0 blocked.")
    assert project.plan()["degraded"][0]["name"] == "first"


def test_mending_the_upstream_lets_the_dependent_run(project: Project) -> None:
    a_pair(project, "exit 3")
    project.settle(code=7)

    a_pair(project)
    project.settle()

    project.assert_settled()


def test_a_missed_gate_holds_the_dependents_back(project: Project) -> None:
    a_pair(project)
    make = "echo '{\"acc\": 0.5}' > outputs/metrics.jsonl; echo 1 > ${{outputs.model}}/weights"
    model = {"model": {"type": "uri_folder"}}
    project.job("first", make, outputs=model, gates=["acc >= 0.9"])

    project.settle(code=7)
    assert project.row("second")["reason"] == "first missed its gate acc >= 0.9"

    project.job("first", make, outputs=model, gates=["acc >= 0.4"])
    project.settle()
    project.assert_settled()


def test_a_changed_upstream_runs_the_dependent_again(project: Project) -> None:
    a_pair(project)
    project.settle()
    a_pair(project, "echo 43 > ${{outputs.model}}/weights")

    assert project.row("second")["action"] == "waiting"
    project.settle()

    project.gitrain("outputs", "second", "--download", "downloads")
    assert (project.root / "downloads/outputs/taken").read_text() == "43\n"
    project.assert_settled()


def test_order_without_data(project: Project) -> None:
    project.job("later", project.mark("later"), depends_on=["sooner"])
    project.job("sooner", f"sleep 0.3; {project.mark('sooner')}")

    project.settle()

    assert project.marks.read_text().split() == ["sooner", "later"]


def test_a_suspended_upstream_is_waited_for(project: Project) -> None:
    project.job("sooner", suspend=True)
    project.job("later", depends_on=["sooner"])

    assert project.row("later")["reason"] == "sooner is suspended"
    assert project.settle().code == 0
    assert project.runs("later") == {}


def test_a_circle_is_an_error_with_a_place(project: Project) -> None:
    project.job("a", depends_on=["b"])
    project.job("b", depends_on=["a"])

    problem = project.gitrain("validate", "-o", "json", code=3).json["problems"][0]

    assert problem["file"].startswith("jobs/")
    assert problem["line"] > 1


def test_waiting_for_a_job_that_gets_no_run_is_an_error(project: Project) -> None:
    project.job("up", f"sleep 1.5; {project.mark('up')}", outputs={"model": {"type": "uri_folder"}})
    project.job("down", "ls ${{inputs.m}}", inputs={"m": "${{jobs.up.outputs.model}}"})
    project.job("later", suspend=True)
    project.reconcile()

    ended = project.gitrain("wait", "down", code=1)

    assert project.marked() == {"up": 1}
    assert "Job/down" in ended.out
    assert "Job/up" not in ended.out
    reason = "submit: no run yet; gitrain reconcile submits it"
    assert ended.err == f"error: Job/down has no run: {reason}\n"
    said = project.gitrain("wait", "later", "up", code=1).err
    assert said.count("\n") == 1
    assert "Job/later has no run: it is suspended; remove `suspend`, or gitrain run later" in said
    project.settle()
    project.gitrain("wait", "down")


def test_waiting_for_what_waits_for_nothing_live_is_an_error(project: Project) -> None:
    project.job("up", "exit 1")
    project.job("down", depends_on=["up"])

    ended = project.gitrain("wait", "down", "-o", "json", code=1)
    first = "waiting: waits for up to complete; gitrain reconcile submits it"
    assert ended.err == f"error: Job/down has no run: {first}\n"
    assert [row["name"] for row in ended.json["resources"]] == ["down"]

    project.settle(code=7)
    assert "waiting: up failed" in project.gitrain("wait", "down", "up", code=1).err
