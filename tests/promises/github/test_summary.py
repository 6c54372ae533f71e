"""Workflow commands and the job's summary, of plan and reconcile with -o github."""

from __future__ import annotations

from pathlib import Path

from gitrain.terminal.github_step import MOST
from tests.promises.command_line.project import Project
from tests.promises.github.scene import Scene


def test_a_plan_and_a_reconcile_add_to_the_summary(scene: Scene) -> None:
    given = scene.variables(None)
    summary = Path(given["GITHUB_STEP_SUMMARY"])
    summary.write_text("# Before\n")

    scene.project.gitrain("plan", "-o", "github", variables=given)
    scene.project.gitrain("reconcile", "-o", "github", variables=given)

    text = summary.read_text(encoding="utf-8")
    assert text.startswith("# Before\n")
    link = f"{scene.hub.web}/octo/pets/blob/{given['GITHUB_SHA']}/jobs/digits.yaml#L1"
    assert f"[`jobs/digits.yaml:1`]({link})" in text
    assert "Reconciled: 0 created" in text
    assert scene.hub.requests == []


def test_only_github_gets_a_summary(scene: Scene) -> None:
    given = scene.variables(None)

    scene.project.gitrain("plan", variables=given)
    scene.project.gitrain("plan", "-o", "markdown", variables=given)

    assert Path(given["GITHUB_STEP_SUMMARY"]).read_text() == ""


def test_files_of_a_project_below_the_root_are_found(scene: Scene) -> None:
    inner = Project(scene.project.root / "ml" / "demo", git=False)
    inner.write("jobs/broken.yaml", "kind: Job\n")
    scene.push("main")
    given = scene.variables(None)

    ended = inner.gitrain("plan", "-o", "github", code=3, variables=given)

    assert "::error file=ml/demo/jobs/broken.yaml," in ended.out
    assert "/ml/demo/jobs/broken.yaml#L1" in Path(given["GITHUB_STEP_SUMMARY"]).read_text()


def test_a_summary_stays_below_what_github_takes(scene: Scene) -> None:
    given = scene.variables(None)
    summary = Path(given["GITHUB_STEP_SUMMARY"])
    summary.write_text("x" * (MOST - 1500))
    for number in range(40):
        scene.project.job(f"job-{number:02}")

    scene.project.gitrain("plan", "-o", "github", variables=given)

    text = summary.read_text(encoding="utf-8")
    assert MOST - 1000 < summary.stat().st_size <= MOST
    assert "more changes" in text
    summary.write_text("x" * MOST)
    scene.project.gitrain("plan", "-o", "github", variables=given)
    assert summary.stat().st_size == MOST


def test_outside_of_github_nothing_is_written(scene: Scene) -> None:
    ended = scene.project.gitrain("plan", "-o", "github")

    assert "2 to submit" in ended.last_line
