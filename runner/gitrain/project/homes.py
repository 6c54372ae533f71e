"""Whether the folder that each workspace of gitrain.yaml has on this machine can be used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gitrain.document import Manifests
from gitrain.errors import Problem
from gitrain.home import HomeError, check_home


def home_problems(manifests: Manifests, root: Path) -> Iterator[Problem]:
    """What is wrong with them, each said once, with its place in gitrain.yaml. Changes nothing."""
    workspaces = tuple(manifests.project.spec.workspaces.items())
    homes = {spec.home: name for name, spec in reversed(workspaces)}
    for home, name in reversed(homes.items()):
        try:
            check_home(root, home)
        except HomeError as error:
            path = ("spec", "workspaces", name, "path")
            yield manifests.marks.problem(
                path, error.code, error.message, suggestion=error.suggestion
            )
