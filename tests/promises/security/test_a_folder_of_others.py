"""A workspace never takes over a folder that gitrain did not make, and deletes nothing of others.

Each attack is a `path` in gitrain.yaml, or a link that a branch brings, that points at files which
are worth something.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from gitrain.home import MARK
from tests.promises.command_line.project import Project

LONG_AGO = time.time() - 7 * 24 * 3600


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


def at(project: Project, path: str) -> None:
    project.describe(workspaces={"local": {"type": "local", "path": path}})
    project.job("train")


def treasure(folder: Path) -> Path:
    """A folder that looks like a workspace's to the eye, with files that must survive."""
    for name in ("staging/thesis/text.txt", "staging/tmpabcd1234/text.txt", "runs/notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("years of work\n")
    (folder / ".gitignore").write_text("*.log\n")
    for place in sorted(folder.rglob("*")):
        os.utime(place, (LONG_AGO, LONG_AGO))
    return folder


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def assert_refused(project: Project, said: str, *, line: bool = True) -> None:
    """Every command refuses, and says it at the field."""
    problems = project.gitrain("validate", "-o", "json", code=3).json["problems"]
    ours = [one for one in problems if one["code"] == "workspace-folder"]
    assert [said in one["message"] for one in ours] == [True]
    assert ours[0]["file"] == "gitrain.yaml"
    assert (ours[0]["line"] > 1) == line
    for command in (["plan"], ["reconcile"], ["status"], ["run", "train"]):
        ended = project.gitrain(*command, code=3)
        assert "workspace-folder" in ended.out, command


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (".", "is the project's own folder"),
        ("jobs/..", "is the project's own folder"),
        ("..", "is a folder that holds the project"),
        ("/", "is a folder that holds the project"),
        (".git/gitrain", "is in Git's own folder"),
        (".git", "is in Git's own folder"),
        ("data", "has files in it that gitrain did not make"),
        ("../elsewhere", "has files in it that gitrain did not make"),
        ("gitrain.yaml", "is not a folder"),
    ],
)
def test_a_path_that_is_not_gitrains(project: Project, path: str, said: str) -> None:
    treasure(project.root)
    treasure(project.root / "data")
    treasure(project.root.parent / "elsewhere")
    at(project, path)
    before = everything(project.root.parent / "elsewhere"), everything(project.root)

    assert_refused(project, said)

    assert (everything(project.root.parent / "elsewhere"), everything(project.root)) == before


@pytest.mark.parametrize("target", ["../elsewhere", "/usr", "."])
def test_a_link_that_a_branch_brings(project: Project, target: str) -> None:
    elsewhere = treasure(project.root.parent / "elsewhere")
    before = everything(elsewhere)
    (project.root / ".gitrain").symlink_to(target)
    at(project, ".gitrain")
    project.commit()

    leaves = "leads out of the project" if target != "." else "is the project's own folder"
    assert_refused(project, leaves)

    assert everything(elsewhere) == before


def test_a_link_on_the_way_that_leads_out(project: Project) -> None:
    treasure(project.root.parent / "elsewhere")
    (project.root / "work").symlink_to("../elsewhere")
    at(project, "work/runs")

    assert_refused(project, "leads out of the project")


def test_the_default_path_without_a_line_for_it(project: Project) -> None:
    treasure(project.root / ".gitrain")
    project.manifest("gitrain.yaml", "Project", "demo", {"manifests": ["jobs"]})
    project.job("train")

    assert_refused(project, "has files in it that gitrain did not make")


def old_version(project: Project, *lacking: str) -> Path:
    """The folder as versions that set no mark left it."""
    project.job("train")
    project.settle()
    home = project.root / ".gitrain"
    for name in (MARK, *lacking):
        path = home / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return home


@pytest.mark.parametrize(
    "lacking",
    [
        (),
        ("ledger.db",),
        ("ledger.db", "ledger.lock", "slots", "staging"),
        (".gitignore",),
        ("ledger.db", "ledger.lock", "slots", "staging", "runs"),
    ],
)
def test_a_folder_of_an_earlier_version_is_known(
    project: Project, lacking: tuple[str, ...]
) -> None:
    home = old_version(project, *lacking)
    project.gitrain("validate")
    project.gitrain("plan")
    assert not (home / MARK).exists()

    project.job("train", command="true; true")
    project.settle()

    assert (home / MARK).is_file()
    assert (home / ".gitignore").read_text() == "*\n"
    project.assert_settled()


@pytest.mark.parametrize("makes", [True, False])
def test_a_new_folder_may_be_empty_or_absent(project: Project, makes: bool) -> None:
    at(project, "../scratch/runs")
    home = project.root.parent / "scratch" / "runs"
    if makes:
        home.mkdir(parents=True)

    project.settle()

    assert (home / MARK).is_file()
    project.assert_settled()


def test_an_ignore_file_of_others_stays(project: Project) -> None:
    project.job("train")
    project.settle()
    ignore = project.root / ".gitrain" / ".gitignore"
    ignore.write_text("mine\n")

    project.job("train", command="true; true")
    project.settle()

    assert ignore.read_text() == "mine\n"


def test_the_sweep_removes_only_what_bears_our_name_and_a_free_lock(project: Project) -> None:
    project.job("train")
    project.settle()
    staging = project.root / ".gitrain" / "staging"
    kept = ["mine", "thesis.txt", "run-notours.txt", "run-12345678-b"]
    nowhere = treasure(project.root.parent / "elsewhere")
    for name in ("mine", "run-12345678-b", "run-nolock_1", "run-deserted", "tmpdeserted"):
        (staging / name).mkdir()
        (staging / name / "file").write_text("text")
    for name in ("run-deserted", "tmpdeserted"):
        (staging / name / "lock").touch()
    for name in ("thesis.txt", "run-notours.txt"):
        (staging / name).write_text("text")
    (staging / "run-linked__").symlink_to(nowhere)
    (staging / "run-empty___").mkdir()
    for place in staging.iterdir():
        os.utime(place, (LONG_AGO, LONG_AGO), follow_symlinks=False)
    before = everything(nowhere)

    project.job("train", command="true; true")
    project.settle()

    left = sorted(path.name for path in staging.iterdir())
    assert left == sorted([*kept, "run-nolock_1", "run-linked__"])
    assert everything(nowhere) == before


def test_the_cache_folder_keeps_the_files_of_others(project: Project, tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "gitrain"
    cache.mkdir(parents=True)
    for number in range(40):
        (cache / f"letter-{number}.txt").write_text("text")
        os.utime(cache / f"letter-{number}.txt", (LONG_AGO, LONG_AGO))
    project.job("train")

    settings: dict[str, Any] = {"variables": {"XDG_CACHE_HOME": str(cache.parent)}}
    project.gitrain("validate", **settings)

    assert len(list(cache.glob("letter-*.txt"))) == 40
    assert len(list(cache.glob("*.parsed"))) == 1
