"""What a reconcile refuses to do: protection, policy, pruning. Exit 4, and nothing has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.promises.command_line.processes import until
from tests.promises.command_line.project import Project


def protected(project: Project, **protect: object) -> None:
    local = {"type": "local", "protect": protect}
    project.describe(workspaces={"local": local})


def a_remote(project: Project) -> Path:
    remote = project.root.parent / "remote.git"
    project.git("init", "-q", "--bare", "-b", "main", str(remote))
    project.git("remote", "add", "origin", str(remote))
    project.git("push", "-q", "-u", "origin", "main")
    return remote


def test_a_dirty_tree_is_refused_and_force_is_recorded(project: Project) -> None:
    protected(project, clean=True)
    project.job("train")

    refused = project.reconcile(code=4)
    assert "clean" in refused.out
    assert not (project.root / ".gitrain").exists()
    project.gitrain("plan", code=0)

    project.reconcile("--force", "--wait")
    run = project.status("train")["run"]
    assert run["dirty"] is True
    records = (project.root / ".gitrain/runs" / run["id"]).glob("*.json")
    assert any('"forced":true' in record.read_text() for record in records)


def test_a_clean_tree_is_reconciled(project: Project) -> None:
    protected(project, clean=True)
    project.job("train")
    commit = project.commit()

    project.settle()

    run = project.status("train")["run"]
    assert (run["dirty"], run["commit"]) == (False, commit)


def test_only_the_head_of_the_remote_branch_is_reconciled(project: Project) -> None:
    protected(project, branch="main")
    project.job("train")
    project.commit()
    a_remote(project)
    project.settle()

    project.job("train", "echo changed")
    project.commit()
    refused = project.reconcile(code=4)
    assert "only be reconciled from the head of main" in refused.out
    project.gitrain("run", "train", "--wait")

    project.git("push", "-q")
    project.settle()
    project.assert_settled()


def test_an_old_checkout_is_refused(project: Project) -> None:
    protected(project, branch="main")
    project.job("train")
    project.commit()
    a_remote(project)
    project.job("train", "echo newer")
    project.commit()
    project.git("push", "-q")
    project.git("checkout", "-q", "HEAD~1")

    project.reconcile(code=4)


@pytest.mark.parametrize(
    ("policy", "spec"),
    [
        ({"require_timeout": True}, {}),
        ({"max_timeout": 60}, {"limits": {"timeout": 61}}),
        ({"max_instances": 2}, {"resources": {"instance_count": 3}}),
        ({"required_labels": ["team"]}, {}),
    ],
    ids=lambda value: "-".join(value),
)
def test_policy_refuses_with_4_before_anything_happens(
    project: Project, policy: dict[str, object], spec: dict[str, object]
) -> None:
    project.describe(policy=policy)
    file = project.job("train", **spec)

    for command in ("validate", "plan", "reconcile"):
        problems = project.gitrain(command, "-o", "json", code=4).json["problems"]
        assert {problem["code"] for problem in problems} == {"policy"}
        assert problems[0]["file"] == f"jobs/{file.name}"
    assert not (project.root / ".gitrain").exists()


def test_pruning_cancels_what_no_manifest_names(project: Project) -> None:
    project.job("kept", project.mark("kept"))
    project.job("removed", f"{project.mark('removed')}; exec sleep 60")
    project.reconcile()
    until(lambda: project.marked()["removed"])
    (project.root / "jobs/removed.yaml").unlink()

    plan = project.plan()
    assert [one["name"] for one in plan["unmanaged"]] == ["removed"]
    assert plan["summary"]["cancel"] == 0
    assert project.plan("--prune")["summary"]["cancel"] == 1
    project.reconcile("--prune", "--wait")

    project.assert_settled()
    assert project.plan("--prune")["unmanaged"] == []
    assert "removed" not in project.gitrain("status").out


def test_pruning_with_no_manifests_at_all_is_refused(project: Project) -> None:
    project.job("train", f"{project.mark('train')}; exec sleep 60")
    project.reconcile()
    (project.root / "jobs/train.yaml").unlink()

    ended = project.reconcile("--prune", code=4)

    assert "would remove everything this project owns" in ended.out
    assert "train" in project.gitrain("plan").out


def test_pruning_most_of_what_is_there_needs_force(project: Project) -> None:
    project.describe(workspaces={"local": {"type": "local", "slots": 8}})
    for number in range(4):
        project.job(f"removed{number}", "exec sleep 60")
    project.reconcile()
    for number in range(4):
        (project.root / f"jobs/removed{number}.yaml").unlink()
    project.job("kept")

    ended = project.reconcile("--prune", code=4)
    assert "destroys 4 of the 4 resources" in ended.out
    project.reconcile("--prune", "--force", "--wait")

    assert project.plan("--prune")["summary"]["cancel"] == 0


def test_a_workspace_that_prunes_by_default(project: Project) -> None:
    project.describe(workspaces={"local": {"type": "local", "prune": True}})
    project.job("kept")
    project.job("removed", "exec sleep 60")
    project.reconcile()
    (project.root / "jobs/removed.yaml").unlink()

    assert project.plan("--no-prune")["summary"]["cancel"] == 0
    assert project.plan("--select", "kept")["summary"]["cancel"] == 0
    project.settle()
    assert project.plan()["summary"]["cancel"] == 0


def test_a_dry_run_changes_nothing(project: Project) -> None:
    project.job("train", project.mark("train"))

    ended = project.reconcile("--dry-run")

    assert ended.out == project.gitrain("plan").out
    assert not (project.root / ".gitrain").exists()


def test_selecting_takes_along_what_is_needed(project: Project) -> None:
    project.job("base", project.mark("base"), metadata={"labels": {"team": "a"}})
    project.job("top", project.mark("top"), depends_on=["base"], metadata={"labels": {"team": "b"}})
    project.job("other", project.mark("other"), metadata={"labels": {"team": "b"}})

    def chosen(*patterns: str) -> set[str]:
        selected = [word for pattern in patterns for word in ("--select", pattern)]
        return {row["name"] for row in project.plan(*selected)["actions"]}

    assert chosen("top") == {"base", "top"}
    assert chosen("Job/oth*") == chosen("job/other") == {"other"}
    assert chosen("team=b") == {"base", "top", "other"}
    assert chosen("base", "other") == {"base", "other"}
    project.reconcile("--select", "top", "--wait")
    assert project.marked() == {"base": 1, "top": 1}
