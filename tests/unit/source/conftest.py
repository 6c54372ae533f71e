"""Real repositories, made with the git command."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest


class Worktree:
    """A folder under Git, and how a person works in it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *arguments: str, **options: object) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, capture_output=True, **options
        )
        return os.fsdecode(done.stdout).strip()

    def write(self, name: str, content: str | bytes = "x\n", mode: int = 0o644) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        return path

    def commit(self, message: str = "change") -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def tree_of_commit(self, folder: str = "") -> str:
        return self.git("rev-parse", f"HEAD:{folder}")


@pytest.fixture(autouse=True)
def own_git_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch):
    """No test sees the settings of whoever runs it, nor the hook it is run from."""
    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    (home / ".gitconfig").write_text(
        "[user]\n name = A\n email = a@example.com\n[init]\n defaultBranch = main\n"
        '[protocol "file"]\n allow = always\n'
    )


@pytest.fixture
def new_repository(tmp_path: Path):
    """Makes an empty repository; the options are those of `git init`."""

    def make(name: str = "project", *options: str) -> Worktree:
        root = tmp_path / name
        root.mkdir(parents=True)
        worktree = Worktree(root)
        worktree.git("init", "-q", *options)
        return worktree

    return make


@pytest.fixture
def repository(new_repository) -> Worktree:
    """A repository with one commit: training/ (two files and a program) and jobs/."""
    worktree = new_repository()
    worktree.write("training/train.py", "print('hello')\n")
    worktree.write("training/lib/data.py", "DATA = 1\n")
    worktree.write("training/run.sh", "#!/bin/sh\n", mode=0o755)
    worktree.write("jobs/train.yaml", "kind: Job\n")
    worktree.commit()
    return worktree
