"""A run whose supervisor cannot start is tried three times and failed by the true reason."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.promises.command_line.processes import kill_all, until
from tests.promises.command_line.project import Ended, Project

# Python runs it before the supervisor's own imports, which then fail.
NO_MSGSPEC = """
import sys
if "-c" in sys.orig_argv:
    sys.modules["msgspec"] = None
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "demo")
    yield made
    kill_all(made.root)
    assert made.bugs() == ""


def the_run(project: Project, job: str = "train") -> Path:
    (folder,) = (project.root / ".gitrain/runs").glob(f"demo-{job}-*")
    return folder


def submits(ended: Ended) -> int:
    return Counter(line.split(" (")[0] for line in ended.lines)["✓ Job/train submitted"]


def assert_failed(project: Project, ended: Ended, *said: str) -> None:
    """Failed, with the reason, and not submitted again by the next who comes."""
    row = project.status("train")
    assert (row["health"], row["run"]["phase"]) == ("Degraded", "failed"), ended.out
    for text in said:
        assert text in row["reason"]
    assert "out of memory" not in row["reason"]
    project.assert_settled()


def test_an_import_that_fails(project: Project) -> None:
    broken = project.root.parent / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(NO_MSGSPEC)
    project.job("train", project.mark("ran"))

    ended = project.gitrain(
        "reconcile", "--wait", "--timeout", "60", code=7, variables={"PYTHONPATH": str(broken)}
    )

    assert submits(ended) == 3
    text = str(the_run(project) / "supervisor.txt")
    assert_failed(project, ended, "could not start, 3 times", "ModuleNotFoundError", text)
    assert "No module named 'gitrain" in ended.out or "msgspec" in ended.out
    assert project.marked() == {}


def test_a_damaged_submission_is_written_again_from_the_manifests(project: Project) -> None:
    project.job("train", f"test -e {project.root}/go || exit 137")
    project.reconcile()
    until(lambda: project.row("train")["action"] == "submit")
    (the_run(project) / "submission.json").write_text("{}")
    project.write("go", "")

    project.settle()

    run = project.status("train")["run"]
    assert (run["phase"], run["attempt"]) == ("completed", 1)


def test_a_rerun_starts_anew(project: Project) -> None:
    project.job("train", f"{project.mark('ran')}; test -e {project.root}/go || exit 137")
    project.reconcile()
    until(lambda: project.row("train")["action"] == "submit")
    (the_run(project) / "submission.json").write_text("{}")
    project.settle(code=7)
    project.write("go", "")

    project.gitrain("rerun", "train")
    project.gitrain("wait", "train")

    assert project.status("train")["run"]["attempt"] == 2


@pytest.mark.parametrize("name", ["logs", "outputs"])
def test_a_file_in_the_place_of_a_folder_that_every_run_has(project: Project, name: str) -> None:
    project.write(f"src/{name}", "a file\n")
    project.job("train", project.mark("ran"), code="../src")

    ended = project.settle(code=7)

    assert submits(ended) == 1
    assert_failed(project, ended, f"rename the file `{name}`")
    assert project.marked() == {}


def test_a_run_that_deletes_its_own_folder_is_not_run_for_ever(project: Project) -> None:
    project.job("train", f"{project.mark('ran')}; rm -rf $GITRAIN_RUN_FOLDER")

    ended = project.settle(code=7)

    # A start that falls into the deletion by the one before is counted, and runs nothing.
    assert 1 <= project.marked()["ran"] <= 4
    assert_failed(project, ended, "its folder was deleted", "4 times")


def test_what_broke_a_supervisor_is_the_reason(project: Project) -> None:
    """It lives, and cannot take its turn for a slot."""
    project.job("first")
    project.settle()
    turn = project.root / ".gitrain/slots/turn"
    turn.unlink()
    turn.mkdir()
    project.job("train", project.mark("ran"))

    ended = project.settle(code=7)

    assert submits(ended) == 4
    assert_failed(project, ended, "IsADirectoryError", "4 times", "supervisor.txt")


def test_a_supervisor_that_lives_is_not_counted(project: Project) -> None:
    """Killed in the queue, time and again, it starts again."""
    project.describe(workspaces={"local": {"type": "local", "slots": 1}})
    project.job("first", f"until [ -e {project.root}/go ]; do sleep 0.05; done")
    project.reconcile()
    until(lambda: project.status("first")["run"]["phase"] == "running")
    project.job("train", project.mark("ran"))
    for _ in range(5):
        project.reconcile()
        record = the_run(project) / "record.json"
        until(lambda record=record: b"unconfirmed" not in record.read_bytes())
        for pid in queued(project):
            os.kill(pid, 9)
        until(lambda: not queued(project))
    project.write("go", "")

    project.settle()

    assert project.marked() == {"ran": 1}


def queued(project: Project) -> list[int]:
    from tests.promises.command_line.processes import supervisors

    path = str(the_run(project)).encode()
    found = []
    for pid in supervisors(project.root):
        try:
            if path in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
        except OSError:
            time.sleep(0)
    return found
