"""What runs once, whoever asks and however often."""

from __future__ import annotations

from tests.promises.command_line.project import Project


def test_two_reconciles_at_once_make_one_run_of_each_digest(project: Project) -> None:
    names = [f"job{number}" for number in range(4)]
    for name in names:
        project.job(name, project.mark(name))
    project.commit()

    together = [project.start("reconcile", "--wait") for _ in range(3)]
    told = [process.communicate(timeout=120) for process in together]

    assert [process.returncode for process in together] == [0, 0, 0], told
    assert project.marked() == dict.fromkeys(names, 1)
    project.assert_settled()


def test_a_variant_that_is_merged_later_does_not_run_again(project: Project) -> None:
    command = project.mark("${{inputs.epochs}}")
    project.job("train", command, inputs={"epochs": 8})
    project.commit()
    project.settle()

    project.gitrain("run", "train", "--set", "inputs.epochs=3", "--wait")
    project.assert_settled()
    project.job("train", command, inputs={"epochs": 3})
    project.commit()

    assert project.plan()["summary"]["submit"] == 0
    project.settle()
    project.assert_settled()
    assert project.marked() == {"8": 1, "3": 1}


def test_a_variant_neither_supersedes_nor_is_superseded(project: Project) -> None:
    command = f"{project.mark('${{inputs.x}}')}; sleep 1"
    project.job("train", command, inputs={"x": 1})
    project.reconcile()

    project.gitrain("run", "train", "--set", "inputs.x=2")
    project.settle()
    project.gitrain("run", "train", "--set", "inputs.x=2", "--wait")

    assert set(project.runs("train").values()) == {"completed"}
    assert project.marked() == {"1": 1, "2": 1}


def test_running_what_is_done_says_so(project: Project) -> None:
    project.job("train", project.mark("train"))
    project.settle()

    ended = project.gitrain("run", "train")

    assert ended.out.endswith("-1 is completed: nothing to submit.\n")
    assert project.marked() == {"train": 1}


def test_running_what_failed_is_the_next_attempt(project: Project) -> None:
    project.job("train", f"{project.mark('train')}; exit 1")
    project.settle(code=7)

    project.gitrain("run", "train", "--wait", code=7)

    assert project.status("train")["run"]["attempt"] == 2
    assert project.marked() == {"train": 2}


def test_two_jobs_of_one_text_both_run(project: Project) -> None:
    for name in ("one", "two"):
        project.job(name, project.mark("$GITRAIN_JOB"))

    project.settle()

    assert project.marked() == {"one": 1, "two": 1}


def test_a_renamed_job_is_adopted(project: Project) -> None:
    project.job("old", "echo 1 > ${{outputs.model}}/w", outputs={"model": {}})
    project.job("user", "cat ${{inputs.w}}/w", inputs={"w": "${{jobs.old.outputs.model}}"})
    project.settle()
    run, path = project.status("old")["run"]["id"], "moved/model"
    project.write("moved/model/w", "1")
    (project.root / "jobs/old.yaml").unlink()
    project.job("new", "echo 1 > ${{outputs.model}}/w", outputs={"model": {}})
    project.job("user", "cat ${{inputs.w}}/w", inputs={"w": "${{jobs.new.outputs.model}}"})

    assert project.row("new")["action"] == "submit"
    project.gitrain("adopt", "new", "--run", run, "--output", f"model={path}")

    assert project.row("new")["action"] == "keep"
    project.settle()
    project.assert_settled()
    assert run.startswith("demo-old-")


def test_a_run_to_adopt_is_named_as_reports_print_it_when_that_is_one(project: Project) -> None:
    project.job("first", project.mark("done"))
    project.settle()
    project.job("second", project.mark("done"))
    name = project.status("first")["run"]["id"].removeprefix("demo-first-")

    project.gitrain("adopt", "second", "--run", name)

    project.assert_settled()
    assert project.marked() == {"done": 1}


def test_a_run_to_adopt_must_be_one(project: Project) -> None:
    for job in ("first", "second"):
        project.job(job, project.mark("done"))
    project.settle()
    project.job("third", project.mark("done"))
    ids = [project.status(job)["run"]["id"] for job in ("first", "second")]
    name = ids[0].removeprefix("demo-first-")

    ended = project.gitrain("adopt", "third", "--run", name, code=1)

    assert ended.err == f"error: {name} is ambiguous: {' or '.join(ids)}?\n"
    project.gitrain("adopt", "third", "--run", ids[1])


def test_adopting_what_does_not_exist_is_one_line(project: Project) -> None:
    project.job("train")

    ended = project.gitrain("adopt", "train", "--run", "demo-train-000000000000-1", code=1)

    assert ended.err.startswith("error: ")
    assert len(ended.err.splitlines()) == 1
