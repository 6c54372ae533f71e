"""No job of someone else's runs as us because of where we stand: `gitrain.yaml` is looked for as
git looks for `.git` since 2022."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.promises.command_line.project import BIN, Project

NOBODY = 65534
COMMANDS = (
    ("plan",),
    ("status",),
    ("reconcile", "--wait"),
    ("run", "train"),
    ("validate",),
    ("doctor",),
    ("show", "job", "train"),
    ("new", "job", "more", "--command", "true"),
)
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A trap, in a folder that anyone may write to; we stand in `ours` below it."""
    made = Project(tmp_path / "shared", git=False)
    made.job("train", command=made.mark("it ran"))
    made.variables["GIT_CONFIG_GLOBAL"] = str(tmp_path / "gitconfig")
    made.root.chmod(0o1777)
    (made.root / "ours").mkdir()
    return made


def give_away(*paths: Path) -> None:
    for path in paths:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def assert_refused(project: Project, folder: Path) -> None:
    for command in COMMANDS:
        ended = project.gitrain(*command, cwd=folder, code=1)
        said = ended.out + ended.err
        assert "belongs to nobody, and its jobs would run as you" in said, command
        assert f"git config --global --add safe.directory {project.root}" in said
    assert not project.marks.exists()


def test_the_trap_is_one(project: Project) -> None:
    project.settle()
    assert project.marked() == {"it ran": 1}


@only_root
@pytest.mark.parametrize("below", ["ours", "."])
@pytest.mark.parametrize("whose", ["the file", "the folder", "all"])
def test_a_project_of_someone_else_is_refused(project: Project, whose: str, below: str) -> None:
    file, folder = project.root / "gitrain.yaml", project.root
    give_away(*{"the file": [file], "the folder": [folder], "all": [file, folder]}[whose])

    assert_refused(project, project.root / below)


@only_root
def test_a_link_of_someone_else_to_a_project_of_ours(project: Project) -> None:
    real = project.root / "real.yaml"
    (project.root / "gitrain.yaml").rename(real)
    (project.root / "gitrain.yaml").symlink_to("real.yaml")
    give_away(project.root / "gitrain.yaml")

    assert_refused(project, project.root / "ours")


@only_root
def test_the_cure_in_the_message_works(project: Project) -> None:
    give_away(project.root, project.root / "gitrain.yaml")
    project.git("config", "--global", "--add", "safe.directory", str(project.root))

    project.settle()

    assert project.marked() == {"it ran": 1}


@only_root
@pytest.mark.parametrize(
    ("listed", "trusted"),
    [
        (["*"], True),
        (["{parent}/*"], True),
        (["{root}/*"], False),
        (["{root}/ours"], False),
        (["{parent}"], False),
        (["{root}", ""], False),
        (["", "{root}"], True),
    ],
)
def test_the_list_is_read_as_git_reads_it(
    project: Project, listed: list[str], trusted: bool
) -> None:
    give_away(project.root, project.root / "gitrain.yaml")
    for value in listed:
        value = value.format(root=project.root, parent=project.root.parent)
        project.git("config", "--global", "--add", "safe.directory", value)

    project.gitrain("plan", cwd=project.root / "ours", code=0 if trusted else 1)


@only_root
def test_the_list_of_the_repository_itself_does_not_count(project: Project) -> None:
    project.git("init", "-q")
    project.git("config", "--local", "--add", "safe.directory", "*")
    give_away(project.root, project.root / "gitrain.yaml")

    project.gitrain("plan", code=1)


@only_root
def test_sudo_in_a_project_of_ones_own_is_no_other_users(project: Project) -> None:
    give_away(project.root, project.root / "gitrain.yaml")

    project.gitrain("plan", variables={"SUDO_UID": str(NOBODY)})
    project.gitrain("plan", variables={"SUDO_UID": "1"}, code=1)


def test_nothing_above_the_top_of_a_repository_is_looked_at(project: Project) -> None:
    ours = project.root / "ours"
    (ours / "deep").mkdir()
    assert project.gitrain("plan", cwd=ours / "deep").code == 0

    project.git("init", "-q", cwd=ours)

    assert "no gitrain.yaml found" in project.gitrain("plan", cwd=ours / "deep", code=1).err
    assert project.gitrain("plan").code == 0


def test_nothing_above_the_border_of_a_file_system_is_looked_at(project: Project) -> None:
    ours = project.root / "ours"
    script = f"mount -t tmpfs tmpfs {ours} && mkdir {ours}/deep && cd {ours}/deep && {BIN}/gitrain"
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c", f"{script} plan"]
    ended = subprocess.run(command, env=project.variables, capture_output=True, text=True)
    if "unshare" in ended.stderr or "mount:" in ended.stderr:
        pytest.skip("mount namespaces are not allowed here")

    assert ended.returncode == 1
    assert "no gitrain.yaml found" in ended.stderr


@only_root
def test_a_workspace_folder_of_someone_else_is_refused(project: Project) -> None:
    project.settle()
    give_away(project.root / ".gitrain")

    for command in COMMANDS[:5]:
        ended = project.gitrain(*command, code=3)
        assert "foreign-owner" in ended.out, command
        assert "`.gitrain` belongs to nobody" in ended.out
    assert project.marked() == {"it ran": 1}
