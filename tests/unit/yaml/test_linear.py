"""No step is quadratic: four times the manifests make four times the calls. Nothing is timed."""

from __future__ import annotations

import cProfile
import pstats
from contextlib import suppress
from pathlib import Path

import pytest

from gitrain.errors import ManifestsError
from gitrain.plan.options import Options
from gitrain.project.opened import OpenedProject
from gitrain.rules.names import near
from gitrain.terminal.invocation import Invocation
from tests.unit.conftest import Project, job

LOCAL = """\
apiVersion: gitrain/v1
kind: Project
metadata: {name: demo}
spec: {workspaces: {local: {type: local}}}
"""
SPECS = {
    "all new": "{command: 'true'}",
    "a chain": "{command: 'true', depends_on: [job-%(before)d]}",
    "no such job": "{command: 'true', depends_on: [job-x%(number)d]}",
    "no such field": "{comand: 'true'}",
    "one name": "{command: 'true'}",
}


def calls(root: Path) -> int:
    """How many functions a plan calls."""
    invocation = Invocation(directory=root, workspace=None, output="text", color=False)
    profile = cProfile.Profile()
    with profile, suppress(ManifestsError):
        OpenedProject(invocation).plan(Options())
    return pstats.Stats(profile).total_calls


def write(project: Project, spec: str, jobs: int) -> None:
    project.write("gitrain.yaml", LOCAL)
    for number in range(jobs):
        values = {"number": number, "before": max(number - 1, 0)}
        name = "job-0" if spec == "one name" else f"job-{number}"
        text = job(name, SPECS[spec] % values)
        project.write(
            f"jobs/{number}.yaml", text if number or "before" not in SPECS[spec] else job(name)
        )


@pytest.mark.parametrize("spec", SPECS)
def test_four_times_the_manifests_are_four_times_the_calls(spec, project, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    write(project, spec, 2)
    calls(project.root)  # imports
    write(project, spec, 60)
    few = calls(project.root)
    write(project, spec, 240)

    assert calls(project.root) < 4.5 * few


def test_a_near_name_is_found_among_thousands():
    names = [f"train-{number:05}" for number in range(5000)]

    assert near("train-02500x", names) == "did you mean train-02500?"
    assert near("train-2500", names) == "did you mean train-02500?"
    assert near("rain-02500", names) == "did you mean train-02500?"
    assert near("something-else", names) == ""
