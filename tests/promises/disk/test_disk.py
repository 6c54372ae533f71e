"""A full disk, one that cannot be written, a damaged ledger: a clear error, a way out, no loss."""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitrain.errors import WorkspaceError
from tests.promises.command_line.processes import kill_all, until
from tests.promises.command_line.project import BIN, NO_CHANGES, Project
from tests.promises.disk.small import SmallDisk

FREE = "free some space"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path / "demo")
    yield made
    kill_all(made.root)
    assert made.bugs() == ""


@pytest.fixture
def disk(project: Project) -> Iterator[SmallDisk]:
    """The project's folder is a small disk: what it held is copied there."""
    kept = project.root.parent / "kept"
    shutil.copytree(project.root, kept, ignore=shutil.ignore_patterns(".git"))
    made = SmallDisk(project.root, "700k")
    if not made.mounted:
        made.close()
        pytest.skip("no mount namespaces here")
    made.run("cp", "-r", f"{kept}/.", ".", variables=project.variables)
    yield made
    made.close()


def job(name: str, command: str) -> str:
    head = f"apiVersion: gitrain/v1\nkind: Job\nmetadata: {{name: {name}}}\n"
    return f"{head}spec:\n  command: |\n    {command}\n"


def test_a_disk_that_fills_up_during_a_run_loses_nothing(project: Project, disk: SmallDisk) -> None:
    def sh(script: str) -> str:
        return disk.run("sh", "-c", script, variables=project.variables).out

    def gitrain(*arguments: str, code: int = 0):
        return disk.gitrain(*arguments, code=code, variables=project.variables)

    filling = "cat /dev/zero > outputs/fill 2>/dev/null; true"
    sh(f"cat > jobs/fills.yaml <<'END'\n{job('fills', filling)}END")
    sh(f"cat > jobs/next.yaml <<'END'\n{job('next', 'true')}END")
    gitrain("reconcile", "--select", "fills")
    until(lambda: sh("df --output=avail . | tail -1").strip() == "0")

    # Even to look SQLite needs a page. Nothing is guessed, nothing submitted.
    gitrain("validate")
    for command in (["plan"], ["status"], ["reconcile"], ["init", "other"]):
        assert FREE in gitrain(*command, code=1).err

    sh("rm .gitrain/runs/*/code/outputs/fill")
    gitrain("wait", "fills", "--timeout", "100")
    gitrain("reconcile", "--wait", "--timeout", "100")
    assert gitrain("plan").last_line == NO_CHANGES
    assert sh("ls -d .gitrain/runs/*").count("\n") == 2
    assert sh("find . -name '.*.????????'") == ""
    assert sh("ls other") == ""


@pytest.mark.parametrize("command", [["validate"], ["plan"], ["schema", "job"], ["--help"]])
def test_output_that_has_no_room_is_an_error_and_no_traceback(project: Project, command) -> None:
    project.job("train")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [BIN / "gitrain", *command],
            cwd=project.root,
            env=project.variables,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )

    assert done.returncode == 1
    assert done.stderr == f"error: No space left on device: {FREE}, then try again\n"


@pytest.fixture
def recorded(project: Project) -> Project:
    """Two runs and an adoption's worth of ledger, at rest."""
    for name in ("one", "two"):
        project.job(name)
    project.settle()
    until(lambda: not (project.root / ".gitrain/ledger.db-wal").exists() or checkpointed(project))
    return project


def checkpointed(project: Project) -> bool:
    with sqlite3.connect(project.root / ".gitrain/ledger.db") as connection:
        busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    connection.close()
    return not busy


def harms(content: bytes) -> Iterator[bytes]:
    """Bytes flipped and cut at random places, the same in every run."""
    chance = random.Random(6)
    for _ in range(40):
        at = chance.randrange(len(content))
        yield content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]
    for _ in range(20):
        yield content[: chance.randrange(len(content))]


def test_a_ledger_damaged_anywhere_shows_the_truth_or_an_error(recorded: Project) -> None:
    from gitrain.manifest import LocalWorkspace
    from gitrain.workspace import Query
    from gitrain.workspaces.local.workspace import LocalRuns

    ledger = recorded.root / ".gitrain/ledger.db"
    content = ledger.read_bytes()

    def observed():
        runs = LocalRuns(LocalWorkspace(), recorded.root, lambda *_: None)
        return {run.id: run for run in runs.observe(Query(project="demo")).runs}

    truth = observed()
    assert len(truth) == 2
    refusals: list[str] = []
    for harm in harms(content):
        for part in ledger.parent.glob("ledger.db*"):
            part.unlink()
        ledger.write_bytes(harm)
        try:
            assert observed() == truth
        except WorkspaceError as error:
            refusals.append(str(error))
    ways_out = ("delete ledger.db*", "newer gitrain")
    assert all(any(way in refusal for way in ways_out) for refusal in refusals), refusals
    for part in ledger.parent.glob("ledger.db*"):
        part.unlink()
    assert observed() == truth
    recorded.assert_settled()
