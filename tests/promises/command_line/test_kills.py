"""kill -9 of a reconcile at any moment: the next one ends with one completed run of each digest."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.promises.command_line.processes import until
from tests.promises.command_line.project import Project

KILLER = str(Path(__file__).parent / "killer")
# How many of the calls are tried, evenly spread; GITRAIN_KILLS=500 tries nearly every one.
MOMENTS = int(os.environ.get("GITRAIN_KILLS", "12"))


def assert_heals(project: Project, *marks: str) -> None:
    """The next reconcile ends with one completed run of each digest, and then all is at rest."""
    project.settle()

    for job in marks:
        run = project.status(job)["run"]
        assert (run["phase"], run["attempt"]) == ("completed", 1)
        assert run["id"] in project.runs(job)
        assert project.marked()[job] == 1
    project.assert_settled()


def with_two_jobs(project: Project) -> None:
    """Two jobs, one of them with code and an output of its own."""
    project.write("src/train.sh", f"{project.mark('first')}; echo 1 > $1/weights")
    project.job("first", "sh train.sh ${{outputs.model}}", code="../src", outputs={"model": {}})
    project.job("other", project.mark("other"))
    project.commit()


def with_a_live_run_to_supersede(project: Project) -> None:
    """A job whose older run is live while a newer one is wanted."""
    project.job("first", f"{project.mark('old')}; exec sleep 60")
    project.reconcile()
    until(lambda: project.marked()["old"])
    project.job("first", project.mark("first"))
    project.job("other", project.mark("other"))
    project.commit()


def killed(project: Project, at: int, *arguments: str) -> int:
    """Reconcile, and die at the nth call; returns how many there were when it did not die."""
    count = project.root.parent / "count"
    variables = {"PYTHONPATH": KILLER, "KILL_AT": f"{at}", "KILL_COUNT": str(count)}
    with project.start("reconcile", *arguments, variables=variables) as process:
        told = process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGKILL), told
    return int(count.read_text()) if count.exists() else 0


@pytest.fixture(scope="module", params=[with_two_jobs, with_a_live_run_to_supersede])
def scene(request, tmp_path_factory):
    """A way to prepare a project, and how many calls a reconcile of it makes."""
    prepare = request.param
    measured = Project(tmp_path_factory.mktemp("measured") / "demo")
    prepare(measured)
    calls = killed(measured, 0)
    assert calls > 50
    return prepare, calls


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_killed_at_a_call_into_the_world(project: Project, scene, moment: int) -> None:
    prepare, calls = scene
    prepare(project)

    # Two calls more than were counted: at the end there is nothing left to kill.
    killed(project, 1 + moment * (calls + 2) // MOMENTS)

    assert_heals(project, "first", "other")


@pytest.mark.parametrize("seconds", [0.1, 0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.9, 1.2, 1.6])
def test_killed_after_some_time(project: Project, seconds: float) -> None:
    with_two_jobs(project)
    project.job("later", project.mark("later"), depends_on=["first"])

    with project.start("reconcile", "--wait") as process:
        time.sleep(seconds)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    assert_heals(project, "first", "other", "later")
