"""A branch cannot lift the guards that judge it, and no reviewer overlooks that it tries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.promises.command_line.processes import kill_all, until
from tests.promises.command_line.project import NO_CHANGES, Project
from tests.promises.github.scene import Scene

LOCAL: dict[str, Any] = {"type": "local", "slots": 4}
STRICT = {"max_timeout": 3600, "require_timeout": True, "max_submits": 1, "max_gpu_hours": 10}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "work")
    yield made
    kill_all(made.root)
    assert made.bugs() == ""


def local(**settings: Any) -> dict[str, Any]:
    return {"workspaces": {"local": {**LOCAL, **settings}}}


def branch(project: Project) -> None:
    """From here on everything is the branch's, and main is what there is."""
    project.write("jobs/.keep", "")
    project.commit()
    project.git("switch", "-q", "-c", "change")


def against_main(project: Project, *flags: str, code: int = 0) -> dict[str, Any]:
    project.commit()
    arguments = ("plan", "--base", "main", "-o", "json", *flags)
    return dict(project.gitrain(*arguments, code=code).json)


def weakened(plan: dict[str, Any]) -> list[str]:
    start = "weakens a guard: "
    return [note.removeprefix(start) for note in plan["notes"] if note.startswith(start)]


def codes(plan: dict[str, Any]) -> set[str]:
    return {problem["code"] for problem in plan["problems"]}


def test_a_pull_request_that_lifts_every_guard_is_told_line_by_line(tmp_path: Path) -> None:
    guarded = local(protect={"branch": "main", "clean": True})
    scene = Scene(tmp_path, **guarded, policy=STRICT)
    with scene.hub:
        scene.project.job("train", limits={"timeout": 60})
        scene.push("main")
        scene.project.reconcile("--force", "--wait")
        scene.project.describe(**local(prune=True, slots=64, path="elsewhere"))
        scene.project.job("train", limits={"timeout": 99999999})
        pull = scene.open_pull()

        ended = scene.comment(pull, code=4)

        body = scene.plan_comment(pull).body
    for line in (
        "policy.max_gpu_hours 10 → none",
        "policy.max_submits 1 → 20",
        "policy.max_timeout 3600 → none",
        "policy.require_timeout on → off",
        "protect.branch main → none",
        "protect.clean on → off",
        "path .gitrain → elsewhere",
        "slots 4 → 64",
        "prune off → on",
        "limits.timeout of train 60 → 99999999",
    ):
        assert line.replace("_", "\\_") in body or line in body, line
        assert line in ended.out
        assert f"::warning title=weakens a guard::{line}" in ended.out
    assert "Nothing to do" not in body
    assert "exceeds the limit of 3600 s (the policy of origin/main)" in ended.out
    kill_all(scene.project.root)


def test_guards_that_are_lifted_alone_are_no_empty_plan(project: Project) -> None:
    project.describe(**local(protect={"branch": "main"}), policy={"max_gpu_hours": 10})
    project.job("train")
    branch(project)
    project.reconcile("--force", "--wait")
    project.describe(**local())

    plan = against_main(project)
    markdown = project.gitrain("plan", "--base", "main", "-o", "markdown").out
    text = project.gitrain("plan", "--base", "main")

    lines = ["policy.max_gpu_hours 10 → none", "protect.branch main → none"]
    assert weakened(plan) == lines
    assert "**⚠️ 2 guards weakened**" in markdown
    assert [line.strip() for line in text.lines if line.strip() in lines] == lines
    assert text.last_line == NO_CHANGES, "which says what the workspace is, and that is so"


def test_pruning_that_is_turned_on_says_what_it_would_cancel_and_main_does_not(
    project: Project,
) -> None:
    project.job("kept", project.mark("kept"))
    project.job("removed", f"{project.mark('removed')}; exec sleep 60")
    project.reconcile()
    until(lambda: project.marked()["removed"] and project.marked()["kept"])
    [live] = project.runs("removed")
    (project.root / "jobs/removed.yaml").unlink()
    branch(project)
    project.describe(**local(prune=True))

    plan = against_main(project)

    assert plan["base"]["pending"] == []
    assert plan["summary"]["cancel"] == 0
    assert weakened(plan) == [f"prune off → on: cancels {live}"]
    assert "Pending already" not in project.gitrain("plan", "--base", "main").out
    assert against_main(project, "--prune")["base"]["pending"][0]["run_id"] == live


def test_a_base_that_prunes_plans_as_it_does(project: Project) -> None:
    project.describe(**local(prune=True))
    project.job("kept", project.mark("kept"))
    project.job("removed", f"{project.mark('removed')}; exec sleep 60")
    project.reconcile()
    until(lambda: project.marked()["removed"])
    (project.root / "jobs/removed.yaml").unlink()
    branch(project)
    project.describe(**local())

    plan = against_main(project)

    assert [row["action"] for row in plan["base"]["pending"]] == ["cancel"]
    assert "changes a setting: prune on → off" in plan["notes"]


def test_a_workspace_that_moves_leaves_main_where_it_is(project: Project) -> None:
    project.job("train", project.mark("train"))
    project.commit()
    project.settle()
    branch(project)
    project.describe(**local(path="elsewhere"))

    plan = against_main(project)

    assert plan["base"]["pending"] == []
    assert [row["action"] for row in plan["actions"]] == ["submit"], "nothing is found there"
    assert weakened(plan) == ["path .gitrain → elsewhere"]


def gpu(project: Project, hours: int) -> None:
    """A job on four GPUs of Azure's, which is only planned."""
    size = {"size": "Standard_NC24s_v3", "max_instances": 1}
    project.manifest("jobs/gpu.yaml", "Cluster", "gpu", size)
    image = {"environment": {"image": "python:3.11"}, "compute": "gpu"}
    project.job("train", limits={"timeout": hours * 3600}, **image)


def azure(project: Project, **policy: Any) -> None:
    project.describe(workspaces={"azure": {"type": "azureml"}}, policy=policy)


def test_gpu_hours_are_bounded_by_the_base(project: Project) -> None:
    azure(project, max_gpu_hours=10)
    branch(project)
    gpu(project, hours=5)
    assert codes(against_main(project, "--offline", code=4)) == {"max-gpu-hours"}

    azure(project)

    assert codes(against_main(project, "--offline", code=4)) == {"max-gpu-hours"}
    said = project.gitrain("run", "--base", "main", code=4).out
    assert "the policy allows 10" in said
    assert "change the policy of main first" in said


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
def test_what_a_branch_allows_itself_is_refused_and_nothing_runs(
    project: Project, policy: dict[str, Any], spec: dict[str, Any]
) -> None:
    project.describe(policy=policy)
    branch(project)
    project.describe()
    project.job("train", project.mark("train"), **spec)

    plan = against_main(project, code=4)
    project.gitrain("run", "--base", "main", "--wait", code=4)

    assert codes(plan) == {"policy"}
    assert plan["problems"][0]["file"] == "jobs/train.yaml"
    assert plan["problems"][0]["message"].endswith("(the policy of main)")
    assert plan["summary"]["submit"] == 1, "the plan is shown all the same"
    assert not project.marked()


def test_the_branch_s_own_stricter_policy_judges_too(project: Project) -> None:
    azure(project, max_gpu_hours=100)
    branch(project)
    gpu(project, hours=5)
    assert codes(against_main(project, "--offline")) == set()

    azure(project, max_gpu_hours=10)

    assert codes(against_main(project, "--offline", code=4)) == {"max-gpu-hours"}


def test_a_base_with_broken_manifests_judges_by_its_guards(project: Project) -> None:
    project.describe(policy={"max_timeout": 60})
    project.write("jobs/broken.yaml", "kind: Job\n")
    branch(project)
    project.describe()
    (project.root / "jobs/broken.yaml").unlink()
    project.job("train", limits={"timeout": 61})

    plan = against_main(project, code=4)

    assert plan["base"]["problems"]
    assert codes(plan) == {"policy"}
    assert weakened(plan) == ["policy.max_timeout 60 → none"]


def test_what_main_has_made_stricter_since_is_not_held_against_the_branch(
    project: Project,
) -> None:
    project.job("old", limits={"timeout": 90})
    project.job("mine")
    branch(project)
    project.git("switch", "-q", "main")
    project.describe(policy={"max_timeout": 60})
    project.job("old", limits={"timeout": 60})
    project.commit()
    project.git("switch", "-q", "change")
    project.job("mine", "true 2")

    plan = against_main(project)

    assert weakened(plan) == []
    assert plan["problems"] == []


def test_a_link_for_gitrain_yaml_on_the_base_reads_nothing_outside(
    project: Project, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text((project.root / "gitrain.yaml").read_text().replace("demo", "canary-71c"))
    project.git("rm", "-q", "gitrain.yaml")
    (project.root / "gitrain.yaml").symlink_to(outside)
    branch(project)
    (project.root / "gitrain.yaml").unlink()
    project.describe()
    project.commit()

    for output in ("text", "json", "markdown"):
        ended = project.gitrain("plan", "--base", "main", "-o", output, code=None)
        assert "canary-71c" not in ended.out + ended.err
