"""Whether the folder that each workspace of gitrain.yaml has on this machine can be used."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from gitrain.document import Manifests
from gitrain.errors import Problem
from gitrain.home import HomeError, check_home
from gitrain.source.checkout import find_checkout, nearest_marker
from gitrain.source.errors import SourceError, shown
from gitrain.source.repository import Repository


def home_problems(manifests: Manifests, root: Path, repository: Repository) -> Iterator[Problem]:
    """What is wrong with them, each said once, with its place in gitrain.yaml. Changes nothing.

    Runs are of the machine they ran on: a folder with files that Git tracks is what someone else
    says that runs did.
    """
    workspaces = tuple(manifests.project.spec.workspaces.items())
    homes = {spec.home: name for name, spec in reversed(workspaces)}
    for home, name in reversed(homes.items()):
        try:
            check_home(root, home)
            _check_untracked(root, home, repository)
        except (HomeError, SourceError) as error:
            path = ("spec", "workspaces", name, "path")
            yield manifests.marks.problem(
                path, error.code, error.message, suggestion=error.suggestion
            )


def _check_untracked(root: Path, home: str, repository: Repository) -> None:
    folder = (root / home).resolve()
    if not folder.exists():  # and so Git need not be asked, nor be there
        return
    ours = nearest_marker(folder) == nearest_marker(root)
    checkout = repository.checkout if ours else find_checkout(folder)
    if checkout is None:
        return
    place = os.path.relpath(folder, checkout.root)
    tracked = checkout.git.run("ls-files", "-z", "--", place).split(b"\0")[:-1]
    if tracked:
        raise HomeError(
            "workspace-tracked",
            f"`{home}` has files that Git tracks, such as {shown(tracked[0])}",
            f"run `git rm -r -- {shlex.quote(place)}` (add --cached if these runs are your own), "
            "and commit",
        )
