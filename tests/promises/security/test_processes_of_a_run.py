"""No process of a run escapes its timeout, its cancel or its end, and no other is signalled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.promises.command_line.processes import kill, kill_all, supervisors, until
from tests.promises.command_line.project import Project

# In a session of its own, without variables, and perhaps with none of the files it inherited.
DAEMON = """
import os, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        with open(sys.argv[1], "a") as marks:
            print(os.getpid(), file=marks)
        os.closerange(3 if sys.argv[2] == "held" else 0, 3 if sys.argv[2] == "held" else 4096)
        os.execve("/bin/sleep", ["sleep", "600"], {})
    os._exit(0)
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "demo")
    yield made
    kill_all(made.root)
    for pid in pids(made):
        if lives(pid):
            os.kill(pid, signal.SIGKILL)
    assert made.bugs() == ""


def pids(project: Project) -> list[int]:
    lines = project.marks.read_text().split() if project.marks.exists() else []
    return [int(line) for line in lines if line.isdigit()]


def lives(pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        return text.rpartition(")")[2].split()[0] not in "ZX" and b"sleep" in command(pid)
    except OSError:
        return False


def command(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def daemon(project: Project, files: str) -> str:
    """The command that starts one, and then ends."""
    script = project.root.parent / "daemon.py"
    script.write_text(DAEMON)
    return f"{sys.executable} {script} {project.marks} {files}"


def started(project: Project, text: str, **spec: object) -> Path:
    project.job("train", text.replace("{marks}", str(project.marks)), **spec)
    project.reconcile()
    until(lambda: pids(project) and all(map(lives, pids(project))))
    (folder,) = (project.root / ".gitrain/runs").glob("demo-train-*")
    return folder


@pytest.mark.parametrize("files", ["closed", "held"])
def test_a_daemon_without_variables_ends_with_its_run(project: Project, files: str) -> None:
    started(project, f"{daemon(project, files)}; sleep 1")

    project.settle()

    assert project.status("train")["run"]["phase"] == "completed"
    assert [pid for pid in pids(project) if lives(pid)] == []


@pytest.mark.parametrize("files", ["closed", "held"])
def test_or_with_its_cancel(project: Project, files: str) -> None:
    started(project, f"{daemon(project, files)}; sleep 600")

    project.gitrain("cancel", "train")

    until(lambda: project.status("train")["run"]["phase"] == "canceled")
    assert [pid for pid in pids(project) if lives(pid)] == []


def test_many_orphans_are_reaped(project: Project) -> None:
    """A supervisor that adopts what its command leaves behind keeps no zombies."""
    project.job(
        "train",
        "for n in 1 2 3 4 5 6 7 8; do (setsid sleep 0.1 &); done; sleep 1; "
        'for s in /proc/[0-9]*/stat; do read -r line < $s; case $line in *") Z $PPID "*) '
        f"echo zombie >> {project.marks};; esac; done 2>&-; true",
    )

    project.settle()

    assert project.marked() == {}


def test_a_stopped_supervisor_keeps_the_time(project: Project) -> None:
    started(project, "echo $$ >> {marks}; exec sleep 600", limits={"timeout": 3})
    (supervisor,) = supervisors(project.root)

    os.kill(supervisor, signal.SIGSTOP)
    begun = time.monotonic()
    project.settle(code=7)

    assert project.status("train")["reason"] == "failed: timed out after 3 s"
    assert time.monotonic() - begun < 20
    assert [pid for pid in pids(project) if lives(pid)] == []


def test_a_run_that_stops_its_supervisor_can_be_canceled(project: Project) -> None:
    started(project, "kill -STOP $PPID; echo $$ >> {marks}; exec sleep 600")

    project.gitrain("cancel", "train")

    until(lambda: project.status("train")["run"]["phase"] == "canceled")
    assert [pid for pid in pids(project) if lives(pid)] == []


def test_an_orphan_that_hides_its_variables_can_be_canceled(project: Project) -> None:
    """Its supervisor is gone: it is known by the lock that it holds."""
    started(project, "exec env -i /bin/sh -c 'echo $$ >> {marks}; exec /bin/sleep 600'")
    kill(supervisors(project.root))

    project.gitrain("cancel", "train")

    until(lambda: project.status("train")["run"]["phase"] == "canceled")
    assert [pid for pid in pids(project) if lives(pid)] == []


@pytest.mark.parametrize("since", [None, 1])
def test_a_group_of_another_program_that_has_the_recorded_number_is_left_alone(
    project: Project, since: int | None
) -> None:
    folder = started(project, "echo $$ >> {marks}; exec sleep 600")
    kill(supervisors(project.root))
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as other:
        record = json.loads((folder / "record.json").read_text())
        record |= {"group": other.pid, "since": since}
        record = {key: value for key, value in record.items() if value is not None}
        (folder / "record.json").write_text(json.dumps(record))

        project.gitrain("cancel", "train")
        until(lambda: project.status("train")["run"]["phase"] == "canceled")

        assert other.poll() is None
        other.kill()
    assert [pid for pid in pids(project) if lives(pid)] == []
