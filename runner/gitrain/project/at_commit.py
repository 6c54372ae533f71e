"""The project at another revision."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from gitrain.desired import Desired
from gitrain.errors import Problem
from gitrain.load.discover import PROJECT_FILE
from gitrain.load.manifests import load
from gitrain.load.project import read_project
from gitrain.manifest import Project
from gitrain.project.opened import OpenedProject
from gitrain.project.problems import problems_of
from gitrain.source.checkout import Checkout
from gitrain.source.revision import file_at, write_revision


class _There(NamedTuple):
    directory: Path
    workspace: str


def desired_at(opened: OpenedProject, commit: str, onto: str = "") -> Desired:
    """What should exist in the opened's workspace by the manifests of another commit; with `onto`,
    a commit too, by those of a merge into it.

    Nothing, if that commit knows no such project or workspace. Raises ManifestsError or
    RefusedError when its manifests are no better than that, and SourceError when Git cannot merge.
    """
    checkout = opened.sources.repository.checkout
    assert checkout is not None, "a commit comes from a repository"
    nothing = Desired(
        project=opened.desired.project,
        workspace=opened.workspace_name,
        type=opened.desired.type,
        policy=opened.desired.policy,
    )
    with _project_at(checkout, opened.root, commit, onto) as root:
        if root is None:
            return nothing
        before = OpenedProject(_There(root, opened.workspace_name), cache=opened.cache)
        spec = before.manifests.project.spec
        if opened.workspace_name in spec.workspaces:
            return before.desired
        return msgspec.structs.replace(nothing, policy=spec.policy)


def project_at(opened: OpenedProject, commit: str) -> Project | None:
    """What gitrain.yaml says at another commit; None where there is none that can be read."""
    checkout = opened.sources.repository.checkout
    assert checkout is not None, "a commit comes from a repository"
    text = file_at(checkout, commit, opened.root.relative_to(checkout.root) / PROJECT_FILE)
    if text is None:
        return None
    with tempfile.TemporaryDirectory(prefix="gitrain-base-") as folder:
        (Path(folder) / PROJECT_FILE).write_bytes(text)
        setting, _ = read_project(Path(folder))
    return setting.project if setting else None


def problems_at(opened: OpenedProject, checkout: Checkout, commit: str) -> tuple[Problem, ...]:
    """Everything that is wrong with the manifests of another commit."""
    parser = opened.cache.parse
    with _project_at(checkout, opened.root, commit) as root:
        return problems_of(load(root, {}, parser), root, parser) if root else ()


@contextmanager
def _project_at(
    checkout: Checkout, root: Path, commit: str, onto: str = ""
) -> Iterator[Path | None]:
    """The project's folder in a copy of that commit's files; None where it has no project."""
    with tempfile.TemporaryDirectory(prefix="gitrain-base-") as folder:
        write_revision(checkout, commit, Path(folder), onto)
        there = Path(folder) / root.relative_to(checkout.root)
        yield there if (there / PROJECT_FILE).is_file() else None
