"""Git, free of what this machine is set to."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SETTINGS = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
PERSON = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, env=os.environ | SETTINGS, check=True)


def commit(root: Path) -> None:
    """Commit everything below `root` to a new repository."""
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, *PERSON, "commit", "-q", "-m", "bench")
