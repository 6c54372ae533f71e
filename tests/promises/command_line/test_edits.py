"""What an edit comes to: a run for what changes the result, and nothing for all else."""

from __future__ import annotations

import pytest

from tests.promises.command_line.processes import until
from tests.promises.command_line.project import NO_CHANGES, Project

TRAIN = "sh train.sh ${{inputs.epochs}}"


@pytest.fixture
def trained(project: Project) -> Project:
    """A project whose only job has completed."""
    project.write("src/train.sh", project.mark("$1"))
    project.write("src/data.sh", "")
    project.job("train", TRAIN, code="../src", inputs={"epochs": 8})
    project.commit()
    project.settle()
    return project


def test_after_reconcile_the_plan_is_empty(trained: Project) -> None:
    trained.assert_settled()

    assert trained.settle().lines[2] == NO_CHANGES
    assert trained.marked() == {"8": 1}


def test_a_changed_input_names_one_submit_and_both_values(trained: Project) -> None:
    trained.job("train", TRAIN, code="../src", inputs={"epochs": 9})

    plan = trained.plan("--detailed-exitcode", code=2)

    assert plan["summary"] == {
        "create": 0,
        "update": 0,
        "replace": 0,
        "delete": 0,
        "submit": 1,
        "cancel": 0,
        "unchanged": 0,
        "waiting": 0,
        "blocked": 0,
    }
    assert plan["actions"][0]["changes"] == [{"path": "inputs.epochs", "old": "8", "new": "9"}]
    assert "  > Job/train   inputs.epochs 8 → 9" in trained.gitrain("plan").lines


def test_changed_code_names_the_files(trained: Project) -> None:
    trained.write("src/train.sh", trained.mark("$1") + " # edited")
    trained.write("src/more.sh", "")

    assert trained.row("train")["reason"] == "code changed (more.sh, train.sh)"


def test_changed_code_is_named_after_a_dirty_run_too(trained: Project) -> None:
    trained.write("src/data.sh", "# never committed")
    trained.settle()
    trained.write("src/data.sh", "# nor this")

    assert trained.row("train")["reason"] == "code changed (data.sh)"


@pytest.mark.parametrize(
    "more",
    [
        {"limits": {"timeout": 7200}},
        {"retries": 3},
        {"supersede": "keep"},
        {"gates": []},
        {"environment_variables": {}},
        {"revision": 1},
    ],
    ids=str,
)
def test_nothing_runs_again_for_a_field_that_changes_no_result(
    trained: Project, more: dict[str, object]
) -> None:
    trained.job("train", TRAIN, code="../src", inputs={"epochs": 8}, **more)

    trained.assert_settled()


def test_a_new_placement_applies_to_the_next_run(trained: Project) -> None:
    trained.job("train", TRAIN, code="../src", inputs={"epochs": 8}, limits={"timeout": 99})

    assert "limits.timeout none → 99 applies to the next run" in trained.gitrain("plan").out
    trained.assert_settled()


def test_a_comment_and_another_spelling_of_a_number_change_nothing(trained: Project) -> None:
    file = trained.root / "jobs" / "train.yaml"
    text = file.read_text().replace('"epochs": 8', '"epochs": "8"')
    file.write_text(f"# a comment\n{text}")

    trained.assert_settled()


def test_labels_and_description_are_updated_in_place(trained: Project) -> None:
    metadata = {"labels": {"team": "vision"}, "description": "Digits."}
    trained.job("train", TRAIN, code="../src", inputs={"epochs": 8}, metadata=metadata)

    plan = trained.plan("--detailed-exitcode", code=2)
    assert (plan["summary"]["update"], plan["summary"]["submit"]) == (1, 0)
    assert trained.settle().last_line == (
        "Reconciled: 0 created, 1 updated, 0 replaced, 0 deleted; 0 submitted, 0 canceled; "
        "0 failed, 0 skipped."
    )
    trained.assert_settled()
    assert trained.marked() == {"8": 1}


def test_a_commit_elsewhere_in_the_repository_changes_nothing(trained: Project) -> None:
    trained.write("README.md", "read me")
    trained.commit()

    trained.assert_settled()


def test_a_revision_runs_again(trained: Project) -> None:
    trained.job("train", TRAIN, code="../src", inputs={"epochs": 8}, revision=2)

    assert trained.row("train")["reason"] == "revision 1 → 2"
    trained.settle()
    assert trained.marked() == {"8": 2}


def test_there_and_back_runs_each_once(trained: Project) -> None:
    for epochs in (9, 8, 9, 8):
        trained.job("train", TRAIN, code="../src", inputs={"epochs": epochs})
        trained.settle()

    assert trained.marked() == {"8": 1, "9": 1}


def test_a_revert_while_the_newer_run_is_live_leaves_the_older_one(trained: Project) -> None:
    trained.write("src/train.sh", f"{trained.mark('$1')}; test $1 = 8 || exec sleep 60")
    trained.settle()
    trained.job("train", TRAIN, code="../src", inputs={"epochs": 9})
    trained.reconcile()
    until(lambda: trained.marked()["9"])

    trained.job("train", TRAIN, code="../src", inputs={"epochs": 8})
    plan = trained.plan()
    assert (plan["summary"]["cancel"], plan["summary"]["submit"]) == (1, 0)
    trained.settle()

    assert trained.status("train")["run"]["phase"] == "completed"
    assert trained.marked() == {"8": 2, "9": 1}
    trained.assert_settled()


def test_a_superseded_run_counts_as_never_run(project: Project) -> None:
    """A → B → A, each while the one before is live: A is wanted again, and runs again."""
    for value in "ab":
        project.job("train", f"{project.mark(value)}; test -e {project.root}/go || exec sleep 60")
        project.reconcile()
        until(lambda value=value: project.marked()[value])
    project.write("go", "")
    project.job("train", f"{project.mark('a')}; test -e {project.root}/go || exec sleep 60")

    project.settle()

    assert project.status("train")["health"] == "Healthy"
    assert project.marked()["a"] == 2
    project.assert_settled()
