"""The names and modes of a run's files do nothing to whoever lists or copies them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.promises.command_line.project import Project

NAMES = (
    "::error::forged",
    "a\nb",
    "\x1b[2Jclear",
    "\u202egnp.exe",
    "##[error]x",
    "\u3164",
    "\udcff",
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.job("train", "echo new > outputs/model; chmod 6755 outputs/model; echo > outputs/plain")
    made.settle()
    return made


def outputs(project: Project) -> Path:
    [run] = (project.root / ".gitrain/runs").glob("demo-train-*")
    return run / "code/outputs"


def test_names_are_escaped(project: Project) -> None:
    for name in NAMES:
        (outputs(project) / os.fsencode(name).decode(errors="surrogateescape")).touch()

    listed = project.gitrain("outputs", "train")
    copied = project.gitrain("outputs", "train", "--download", "downloads")
    known = project.gitrain("outputs", "train", "-o", "json")

    assert len(listed.lines) == len(copied.lines) == len(NAMES) + 2
    for ended in (listed, copied, known):
        assert all(line.isprintable() for line in ended.out.splitlines())
        assert "##[" not in ended.out
        assert not any(line.lstrip().startswith("::") for line in ended.lines)
    assert len(known.json["files"]) == len(NAMES) + 2
    assert "outputs/a\nb" in known.json["files"]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_copies_have_the_modes_of_new_files(project: Project, umask: int) -> None:
    down = project.root / "downloads"
    project.gitrain("outputs", "train", "--download", str(down), umask=umask)

    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (down / "outputs").iterdir()}
    assert modes == {"model": 0o777 & ~umask, "plain": 0o666 & ~umask}


def test_nothing_is_replaced_unasked(project: Project) -> None:
    mine = project.write("downloads/outputs/model", "mine\n")

    ended = project.gitrain("outputs", "train", "--download", "downloads", code=1)
    assert "downloads/outputs/model" in ended.err
    assert "--overwrite" in ended.err
    assert mine.read_text() == "mine\n"
    assert not (project.root / "downloads/outputs/plain").exists()

    ended = project.gitrain("outputs", "train", "--download", "downloads", "--overwrite")
    assert "replacing downloads/outputs/model" in ended.err
    assert mine.read_text() == "new\n"


def test_nothing_is_written_through_a_link(project: Project, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine\n")
    (project.root / "downloads/outputs").mkdir(parents=True)
    (project.root / "downloads/outputs/model").symlink_to(victim)

    project.gitrain("outputs", "train", "--download", "downloads", "--overwrite", code=None)
    assert victim.read_text() == "mine\n"


def test_a_folder_that_is_a_link_out_is_refused(project: Project, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (project.root / "downloads").mkdir()
    (project.root / "downloads/outputs").symlink_to(tmp_path / "elsewhere")

    project.gitrain("outputs", "train", "--download", "downloads", code=1)
    assert list((tmp_path / "elsewhere").iterdir()) == []
