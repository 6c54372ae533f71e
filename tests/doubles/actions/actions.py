"""What the actions do that the workflows use, at exactly the commits they are pinned to."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.doubles.actions.workflow import UnknownWorkflow

CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1"
SETUP_PYTHON = "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97"
# Where a private repository is for whoever has no credentials: nobody answers.
CLOSED = "https://127.0.0.1:1/octo/pets"


def carry_out(
    uses: str, given: Mapping[str, Any], work: Path, remote: Path, sha: str, ref: str
) -> None:
    """Do it, in the job's working folder, for the event's commit and ref."""
    if uses == CHECKOUT:
        _checkout(dict(given), work, remote, sha, ref)
    elif uses == SETUP_PYTHON:
        _setup_python(dict(given), work)
    else:
        raise UnknownWorkflow(f"the action {uses}")


def _checkout(given: dict[str, Any], work: Path, remote: Path, sha: str, ref: str) -> None:
    """All branches and tags; HEAD at `ref`, else at the event's commit, on a branch if it is one's.

    The credentials stay for later commands, or the remote cannot be asked any more.
    """
    if given.pop("fetch-depth", None) != 0:
        raise UnknownWorkflow("a shallow checkout")
    persist, chosen = given.pop("persist-credentials"), given.pop("ref", "")
    if given:
        raise UnknownWorkflow(f"checkout with {', '.join(given)}")
    branch = chosen or (ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else "")
    specs = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
    if not branch:
        specs.append(f"+{sha}:{ref.replace('refs/', 'refs/remotes/', 1)}")
    _git(work, "init", "-q", "-b", "main")
    _git(work, "remote", "add", "origin", str(remote))
    _git(work, "fetch", "-q", "--no-tags", "origin", *specs)
    commit = f"refs/remotes/origin/{chosen}" if chosen else sha
    where = ["-B", branch, commit] if branch else ["--detach", commit]
    _git(work, "checkout", "-q", "--force", *where)
    if not persist:
        _git(work, "remote", "set-url", "origin", CLOSED)


def _setup_python(given: dict[str, Any], work: Path) -> None:
    """Here, Python is already installed, in the requested version."""
    version = given.pop("python-version")
    if not sys.version.startswith(f"{version}."):
        raise UnknownWorkflow(f"Python {version}, and this is {sys.version}")
    if given.pop("cache", "pip") != "pip" or given.keys() - {"cache-dependency-path"}:
        raise UnknownWorkflow(f"setup-python with {given}")
    if (path := given.get("cache-dependency-path")) and not (work / path).exists():
        raise UnknownWorkflow(f"there is no {path}")


def _git(work: Path, *arguments: str) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *arguments], cwd=work, env=environment, capture_output=True, text=True, timeout=60
    )
    if done.returncode:
        raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr}")
