"""What a branch says that runs did is believed by no command, and nothing that it says is run.

The attack: the folder of a workspace, force-added, with runs that nobody ran.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gitrain.home import MARK
from tests.promises.command_line.project import Project

COMMANDS = (
    ("validate",),
    ("plan",),
    ("status",),
    ("metrics", "train"),
    ("outputs", "train"),
    ("reconcile", "--wait"),
    ("run", "train"),
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.job("train", command="true", gates=["accuracy >= 0.99"])
    return made


def home_of(project: Project) -> Path:
    return project.root / ".gitrain"


def the_run(project: Project) -> Path:
    return next(home_of(project).glob("runs/*"))


def forge(file: Path, **values: Any) -> None:
    """Other values in a file of a run."""
    said = json.loads(file.read_bytes())
    for name, value in values.items():
        said[name] = {**said[name], **value} if isinstance(value, dict) else value
    file.write_text(json.dumps(said))


def metrics(folder: Path) -> None:
    (folder / "code/outputs/metrics.jsonl").write_text('{"accuracy": 1.0}\n')


def preempted(folder: Path, command: str) -> None:
    """A run that waits to continue, with a command that stands in no manifest."""
    forge(folder / "submission.json", spec={"command": command})
    forge(folder / "record.json", phase="running", exit_code=None)
    for name in ("lock", "supervisor.lock"):
        (folder / name).unlink(missing_ok=True)


@pytest.mark.parametrize("lacking", [("ledger.db", MARK), ()])
@pytest.mark.parametrize("attack", ["metrics", "preempted"])
def test_a_force_added_folder_is_refused_in_a_clone(
    project: Project, tmp_path: Path, lacking: tuple[str, ...], attack: str
) -> None:
    project.settle(code=7)
    canary = tmp_path / "canary"
    if attack == "metrics":
        metrics(the_run(project))
    else:
        preempted(the_run(project), f"touch {canary}")
    for name in lacking:
        (home_of(project) / name).unlink()
    project.git("add", "--force", ".gitrain")
    project.commit()
    shutil.copytree(project.root, tmp_path / "unused")  # the attacker's own copy stays as it is
    shutil.rmtree(project.root)
    subprocess.run(
        ["git", "clone", "-q", str(tmp_path / "unused"), str(project.root)],
        env=project.variables,
        check=True,
    )
    assert (home_of(project) / "runs").is_dir()

    for command in COMMANDS:
        ended = project.gitrain(*command, code=3)
        assert "workspace-tracked" in ended.out, command
        assert "git rm -r -- .gitrain" in ended.out
    assert not canary.exists()


def test_the_cure_in_the_message_works(project: Project) -> None:
    project.settle(code=7)
    project.git("add", "--force", ".gitrain")
    project.commit()
    project.gitrain("plan", code=3)

    project.git("rm", "-r", "-q", "--cached", "--", ".gitrain")
    project.commit()
    project.gitrain("plan")
    assert project.status("train")["run"] is not None


def test_a_submodule_in_the_place_of_the_folder(project: Project, tmp_path: Path) -> None:
    project.settle(code=7)
    metrics(the_run(project))
    forged = tmp_path / "forged"
    home_of(project).rename(forged)
    project.git("init", "-q", "-b", "main", cwd=forged)
    project.git("add", "--force", ".", cwd=forged)
    project.git("commit", "-q", "-m", "runs", cwd=forged)
    allow = ("-c", "protocol.file.allow=always")
    project.git(*allow, "submodule", "add", "-q", str(forged), ".gitrain")
    project.commit()

    assert "workspace-tracked" in project.gitrain("plan", code=3).out

    project.git("submodule", "deinit", "-q", "--force", ".gitrain")
    assert "workspace-tracked" in project.gitrain("plan", code=3).out


@pytest.mark.parametrize("ledger", [True, False])
def test_what_continues_is_what_the_manifests_say(
    project: Project, tmp_path: Path, ledger: bool
) -> None:
    """Without Git, from an archive say: the command, variables and inputs are the manifests'."""
    shutil.rmtree(project.root / ".git")
    command = f"echo $WHO >> {project.marks}; kill -9 $$"
    project.job("train", command=command, environment_variables={"WHO": "manifest"})
    project.reconcile()
    folder = the_run(project)
    project.gitrain("wait", "train", "--timeout", "60", code=None)
    canary = tmp_path / "canary"
    preempted(folder, f"touch {canary}")
    forge(folder / "submission.json", spec={"environment_variables": {"WHO": "forged"}})
    if not ledger:
        (home_of(project) / "ledger.db").unlink()
    assert project.row("train")["action"] == "submit"
    before = project.marked()["manifest"]

    project.settle(code=7)

    assert not canary.exists()
    assert project.marked() == {"manifest": before + 3}
    assert "touch" not in (folder / "submission.json").read_text()


def test_a_run_in_the_folder_of_another_is_not_a_run(project: Project) -> None:
    project.settle(code=7)
    folder = the_run(project)
    shutil.copytree(folder, folder.with_name("copy"))
    metrics(folder.with_name("copy"))
    (home_of(project) / "ledger.db").unlink()

    assert len(project.runs("train")) == 1
