"""What `protect` insists on before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator

from gitrain.errors import Problem, RefusedError
from gitrain.project.opened import Session


def check_protection(session: Session) -> None:
    """Raises RefusedError unless the checkout is what this workspace may be reconciled from."""
    problems = tuple(_problems(session))
    if problems:
        raise RefusedError(problems)


def _problems(session: Session) -> Iterator[Problem]:
    target = session.manifests.project.spec.workspaces[session.workspace_name]
    repository = session.sources.repository
    clean = target.protect.clean
    if clean is None:
        clean = session.desired.kind == "azureml"
    if clean and repository.dirty:
        yield Problem(
            code="dirty",
            message=f"workspace {session.workspace_name} is reconciled only from a clean tree",
            suggestion="commit or stash your changes, try them with `gitrain run`, or --force",
        )
    branch = target.protect.branch
    if branch and repository.commit != (head := repository.remote_head(branch)):
        yield Problem(
            code="not-the-head",
            message=f"workspace {session.workspace_name} is reconciled only from the head of "
            f"{branch}, which is {head[:7]}; this is {repository.commit[:7] or 'no commit'}",
            suggestion=f"check out {branch} and pull, try changes with `gitrain run`, or --force",
        )
