"""The project at another revision."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec

from gitrain.commands.session import Session
from gitrain.desired import Desired
from gitrain.load.discover import PROJECT_FILE
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
        kind=session.desired.kind,
    )
    with tempfile.TemporaryDirectory(prefix="gitrain-base-") as folder:
        write_revision(checkout, commit, Path(folder))
        root = Path(folder) / session.root.relative_to(checkout.root)
        if not (root / PROJECT_FILE).is_file():
            return nothing
        invocation = msgspec.structs.replace(
            session.invocation, directory=root, workspace=session.workspace_name
        )
        before = Session(invocation)
        known = session.workspace_name in before.manifests.project.spec.workspaces
        return before.desired if known else nothing
