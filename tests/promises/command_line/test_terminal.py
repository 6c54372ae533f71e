"""At a terminal, in a pipe, without Git: what a person sees."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest

from tests.promises.command_line.processes import kill_all, listens, until
from tests.promises.command_line.project import BIN, Project

ESCAPE = "\x1b["


def at_terminal(
    project: Project, *arguments: str, typed: str = "", **variables: str
) -> tuple[int, str]:
    """Run gitrain at a terminal; returns its exit code, and all that the screen has shown."""
    screen, inside = pty.openpty()
    process = subprocess.Popen(
        [str(BIN / "gitrain"), *arguments],
        cwd=project.root,
        env={**project.variables, "TERM": "xterm-256color", **variables},
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
    )
    os.close(inside)
    os.write(screen, typed.encode())
    shown = b""
    try:
        while piece := os.read(screen, 4096):
            shown += piece
    except OSError:
        pass  # The other side has closed it: that is how a terminal ends.
    os.close(screen)
    return process.wait(timeout=60), shown.decode()


def test_colours_at_a_terminal_unless_they_are_not_wanted(project: Project) -> None:
    project.job("train")

    assert ESCAPE in at_terminal(project, "plan")[1]
    assert ESCAPE not in at_terminal(project, "plan", NO_COLOR="1")[1]
    assert ESCAPE not in at_terminal(project, "plan", "--color", "never")[1]


def test_no_colours_in_a_pipe_unless_they_are_asked_for(project: Project) -> None:
    project.job("train")

    assert ESCAPE not in project.gitrain("plan").out
    coloured = project.gitrain("plan", "--color", "always", variables={"NO_COLOR": "1"})
    assert ESCAPE in coloured.out


def test_waiting_at_a_terminal_shows_the_status_and_ends_with_it(project: Project) -> None:
    project.job("train", "sleep 0.3")

    code, shown = at_terminal(project, "reconcile", "--wait")

    assert code == 0
    assert "Reconciled: 0 created" in shown
    assert "Job/train" in shown


def test_local_is_never_asked_about(project: Project) -> None:
    project.job("train")

    code, shown = at_terminal(project, "reconcile")

    assert (code, "Carry out" in shown) == (0, False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_stopped_once_it_reports_and_the_runs_go_on(project: Project, number: int) -> None:
    project.job("train", f"{project.mark('begin')}; sleep 1.5; {project.mark('end')}")
    project.commit()

    with project.start("reconcile", "--wait") as process:
        until(lambda: project.marked()["begin"])
        os.killpg(process.pid, number)
        out, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "Interrupted. What is live goes on; the next reconcile does the rest." in out
    assert "Finishing the current actions" in err
    assert out.splitlines()[-1].startswith("Reconciled: ")
    project.settle()
    assert project.marked() == {"begin": 1, "end": 1}
    project.assert_settled()


def test_waiting_can_be_interrupted(project: Project) -> None:
    project.job("train", f"{project.mark('begin')}; sleep 1.5; {project.mark('end')}")
    project.reconcile()

    with project.start("wait", "train") as process:
        until(lambda: listens(process.pid, signal.SIGTERM))
        os.killpg(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "Interrupted. What is live goes on" in out
    project.gitrain("wait", "train")


def test_following_a_log_can_be_interrupted(project: Project) -> None:
    project.job("train", f"echo hello; {project.mark('begin')}; exec sleep 60")
    project.reconcile()
    until(lambda: project.marked()["begin"])

    with project.start("logs", "train", "-f") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "hello\n"
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert err.strip() == "interrupted"


def test_a_reader_that_has_enough_is_no_error(project: Project) -> None:
    project.job("train", "seq 100000")
    project.settle()

    for command in ("plan", "logs train", "schema", "--help", "validate"):
        shell = f"set -o pipefail; {BIN / 'gitrain'} {command} | head -1"
        done = subprocess.run(
            ["bash", "-c", shell],
            cwd=project.root,
            env=project.variables,
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, ""), command
        assert len(done.stdout.splitlines()) == 1


def test_a_closed_stdout_is_no_bug(project: Project) -> None:
    project.job("train")
    shell = f"{BIN / 'gitrain'} plan >&-"

    done = subprocess.run(
        ["bash", "-c", shell], cwd=project.root, env=project.variables, capture_output=True
    )

    assert b"Traceback" not in done.stderr
    assert b"bug" not in done.stderr


def test_a_plain_folder_works_as_well(tmp_path: Path) -> None:
    project = Project(tmp_path / "plain", git=False)
    project.write("src/train.sh", project.mark("train"))
    project.job("train", "sh train.sh", code="../src")

    assert project.gitrain("plan").lines[0] == "demo → local (.gitrain)"
    project.settle()
    project.assert_settled()
    project.write("src/train.sh", project.mark("again"))
    assert project.row("train")["reason"].startswith("code changed")
    project.settle()
    assert project.marked() == {"train": 1, "again": 1}
    kill_all(project.root)


def test_a_folder_below_the_project_is_as_good_as_its_root(project: Project) -> None:
    project.write("src/deep/train.sh", "echo hi")
    project.job("train", "sh train.sh", code="../src/deep")
    deep = project.root / "src/deep"

    project.gitrain("reconcile", "--wait", cwd=deep)
    project.gitrain("validate", "../../jobs/train.yaml", cwd=deep)
    project.gitrain("outputs", "train", "--download", "../../downloads", cwd=deep)
    project.gitrain("plan", "-C", str(deep), "--detailed-exitcode", cwd=project.root.parent)


def test_a_project_in_a_folder_of_a_repository(project: Project) -> None:
    inner = Project(project.root / "team" / "vision", git=False)
    inner.variables = project.variables
    inner.write("src/train.sh", inner.mark("train"))
    inner.job("train", "sh train.sh", code="../src")
    commit = project.commit()

    assert inner.gitrain("plan").lines[0] == f"demo → local (.gitrain) at {commit[:7]}"
    inner.settle()
    inner.assert_settled()
    assert inner.gitrain("plan", "--offline", "--base", "HEAD").code == 0
    inner.job("broken", comand="x")
    annotation = inner.gitrain("validate", "-o", "github", code=3).lines[0]
    assert annotation.startswith("::error file=team/vision/jobs/broken.yaml,")


def test_the_workspace_ignores_itself(project: Project) -> None:
    project.job("train")
    project.commit()
    project.settle()

    assert project.git("status", "--porcelain") == ""
    assert project.plan()["dirty"] is False


def test_looking_creates_nothing(project: Project) -> None:
    project.job("train")

    for command in (["plan"], ["status"], ["validate"], ["doctor"], ["show", "job", "train"]):
        project.gitrain(*command)

    assert not (project.root / ".gitrain").exists()
