"""A project that someone else put in the way is not run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.promises.command_line.project import Project

NOBODY = 65534
COMMANDS = (("validate",), ("plan",), ("reconcile",), ("status",), ("run", "train"))

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be someone else")


@pytest.fixture
def project() -> Iterator[Project]:
    """One in a folder that everyone can write to, as /tmp is, without a repository."""
    with tempfile.TemporaryDirectory(prefix="gitrain-test-") as folder:
        made = Project(Path(folder) / "shared", git=False)
        made.job("train", made.mark("ran"))
        (made.root / "mine/deep").mkdir(parents=True)
        yield made


def give(path: Path, owner: int = NOBODY) -> None:
    os.chown(path, owner, owner, follow_symlinks=False)


@root_only
@pytest.mark.parametrize("theirs", ["gitrain.yaml", "."])
@pytest.mark.parametrize("below", [".", "mine/deep"])
def test_a_project_of_another_owner_is_refused(project: Project, theirs: str, below: str) -> None:
    give(project.root / theirs)

    for command in COMMANDS:
        ended = project.gitrain(*command, code=1, cwd=project.root / below)
        assert "belongs to someone else" in ended.err
    ended = project.gitrain("plan", "-C", below, code=1)
    assert "belongs to someone else" in ended.err
    assert project.marked() == {}


@root_only
def test_one_that_git_is_told_to_trust_is_used(project: Project) -> None:
    give(project.root / "gitrain.yaml")
    told = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory"}
    project.variables |= told | {"GIT_CONFIG_VALUE_0": "/elsewhere"}
    project.gitrain("plan", code=1)

    for trusted in (str(project.root), "*", f"{project.root.parent}/*"):
        project.variables["GIT_CONFIG_VALUE_0"] = trusted
        project.gitrain("plan")


@root_only
def test_who_became_root_by_sudo_is_no_stranger(project: Project) -> None:
    give(project.root / "gitrain.yaml", 1234)
    project.gitrain("plan", code=1)
    project.gitrain("plan", variables={"SUDO_UID": "1234"})


@root_only
def test_a_workspace_of_another_owner_is_refused(project: Project) -> None:
    project.settle()
    give(project.root / ".gitrain")

    assert "belongs to someone else" in project.gitrain("plan", code=3).out


def test_a_repository_s_top_is_where_the_search_ends(project: Project) -> None:
    project.git("init", "-q", cwd=project.root / "mine")

    ended = project.gitrain("plan", code=1, cwd=project.root / "mine/deep")
    assert "no gitrain.yaml found" in ended.err


def test_above_a_folder_of_the_repository_it_is_found(project: Project) -> None:
    project.git("init", "-q")

    project.gitrain("plan", cwd=project.root / "mine/deep")
