"""What a pull request's commit computes: its manifests, read from this clone."""

from __future__ import annotations

from gitrain.errors import UsageError
from gitrain.github.api import Pull
from gitrain.project.at_commit import desired_at
from gitrain.project.opened import OpenedProject
from gitrain.pull_requests.verdicts import Computed, after_merge, before_merge
from gitrain.source import SourceError


def computed_by(opened: OpenedProject, pull: Pull) -> Computed:
    """Of GitHub's own word for which commit it is, and never a comment's.

    Raises GitrainError when this clone lacks the commit, or its manifests are invalid.
    """
    if pull.merged_at:
        return after_merge(desired_at(opened, _found(opened, pull.merge)))
    git = opened.sources.repository
    head = _found(opened, pull.head)
    base = _found(opened, f"{git.remote}/{pull.base}" if git.remote else pull.base)
    theirs, ours = desired_at(opened, base), desired_at(opened, head)
    if git.contains(head, base):
        return before_merge(theirs, ours)
    try:
        return before_merge(theirs, ours, desired_at(opened, head, onto=base))
    except SourceError:  # they conflict: nothing but the head can have run
        return before_merge(theirs, ours)


def _found(opened: OpenedProject, revision: str) -> str:
    commit = opened.sources.repository.resolved(revision)
    if not commit:
        raise UsageError(f"this clone lacks {revision[:40]} (actions/checkout: fetch-depth: 0)")
    return commit
