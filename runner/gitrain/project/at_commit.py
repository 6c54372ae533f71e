"""The project at another revision."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from gitrain.desired import Desired
from gitrain.errors import Problem
from gitrain.load.discover import PROJECT_FILE
from gitrain.load.manifests import load
from gitrain.project.opened import Session
from gitrain.project.problems import problems_of
from gitrain.source.checkout import Checkout
from gitrain.source.revision import write_revision


def desired_at(session: Session, commit: str) -> Desired:
    """What should exist in the session's workspace by the manifests of another commit.

    Nothing, if that commit knows no such project or workspace. Raises ManifestsError or
    RefusedError when its manifests are no better than that.
    """
    checkout = session.sources.repository.checkout
    assert checkout is not None, "a commit comes from a repository"
    nothing = Desired(
        project=session.desired.project,
        workspace=session.workspace_name,
        type=session.desired.type,
    )
    with _project_at(checkout, session.root, commit) as root:
        if root is None:
            return nothing
        invocation = msgspec.structs.replace(
            session.invocation, directory=root, workspace=session.workspace_name
        )
        before = Session(invocation, cache=session.cache)
        known = session.workspace_name in before.manifests.project.spec.workspaces
        return before.desired if known else nothing


def problems_at(session: Session, checkout: Checkout, commit: str) -> tuple[Problem, ...]:
    """Everything that is wrong with the manifests of another commit."""
    parser = session.cache.parse
    with _project_at(checkout, session.root, commit) as root:
        return problems_of(load(root, {}, parser), root, parser) if root else ()


@contextmanager
def _project_at(checkout: Checkout, root: Path, commit: str) -> Iterator[Path | None]:
    """The project's folder in a copy of that commit's files; None where it has no project."""
    with tempfile.TemporaryDirectory(prefix="gitrain-base-") as folder:
        write_revision(checkout, commit, Path(folder))
        there = Path(folder) / root.relative_to(checkout.root)
        yield there if (there / PROJECT_FILE).is_file() else None
