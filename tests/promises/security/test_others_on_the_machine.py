"""Others on the machine see nothing of a workspace's folder, and hold none of its locks."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.promises.command_line.project import Project

NOBODY = 65534


@pytest.fixture
def project() -> Iterator[Project]:
    """Where others may come: the folders of pytest are closed to them."""
    with tempfile.TemporaryDirectory(prefix="gitrain-test-") as folder:
        Path(folder).chmod(0o755)
        made = Project(Path(folder) / "project")
        made.job("train", command="echo secret > outputs/model; echo secret")
        yield made


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def opened(home: Path) -> None:
    """As versions before this promise left it."""
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def attacks(home: Path) -> list[str]:
    run = next(home.glob("runs/*"))
    return [
        f"ls {home}",
        f"cat {run}/log.txt",
        f"cat {run}/code/outputs/model",
        f"cat {home}/ledger.db",
        f"flock --nonblock {home}/slots/0 true",
        f"flock --nonblock {run}/lock true",
        f"flock --nonblock --shared {home}/ledger.lock true",
    ]


def succeeded(home: Path) -> list[str]:
    """The attacks that someone else succeeds with."""
    return [
        attack
        for attack in attacks(home)
        if subprocess.run(
            ["sh", "-c", attack], user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True
        ).returncode
        == 0
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be someone else")
def test_someone_else_reads_nothing_and_holds_no_lock(project: Project) -> None:
    project.settle()
    home = project.root / ".gitrain"
    assert succeeded(home) == []

    opened(home)
    assert succeeded(home) == attacks(home)

    project.job("train", command="true")
    project.settle()
    assert succeeded(home) == []


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o027, 0o077])
def test_whatever_the_umask_the_folder_is_its_owners(project: Project, umask: int) -> None:
    project.gitrain("reconcile", "--wait", umask=umask)

    home = project.root / ".gitrain"
    run = next(home.glob("runs/*"))
    assert (mode(home), mode(run)) == (0o700, 0o700)
    assert not mode(home / "slots" / "0") & 0o077
    assert mode(run / "code" / "outputs" / "model") == 0o666 & ~umask


def test_the_next_command_that_writes_closes_a_folder_that_is_open(project: Project) -> None:
    project.settle()
    home = project.root / ".gitrain"
    opened(home)
    project.gitrain("plan")
    assert mode(home) == 0o755

    project.gitrain("rerun", "train")
    project.gitrain("wait", "train")
    assert mode(home) == 0o700


def test_an_empty_folder_that_a_group_may_write_to(project: Project) -> None:
    home = project.root / ".gitrain"
    home.mkdir()
    home.chmod(0o2770)

    project.settle()

    assert mode(home) & 0o077 == 0
    assert mode(home / "runs") & 0o700 == 0o700
