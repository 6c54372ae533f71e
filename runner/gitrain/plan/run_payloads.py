"""What the actions on a job's runs carry."""

from __future__ import annotations

import msgspec

from gitrain.observed import Cause, Tags
from gitrain.workspace import Submission, Workspace


class Submit(msgspec.Struct, frozen=True, kw_only=True):
    """A new run, or a preempted one that continues: it gets `tags` where they have changed."""

    submission: Submission
    tags: Tags | None = None
    secrets: tuple[str, ...] = ()

    def carry_out(self, workspace: Workspace) -> None:
        workspace.submit(self.submission)
        if self.tags:  # a run that continues would keep its old tags
            workspace.tag(self.submission.run_id, self.tags)


class Cancel(msgspec.Struct, frozen=True):
    """A live run, and who wants it to stop."""

    run_id: str
    cause: Cause
    secrets: tuple[str, ...] = ()

    def carry_out(self, workspace: Workspace) -> None:
        workspace.cancel(self.run_id, self.cause)


class Tag(msgspec.Struct, frozen=True):
    """A run whose labels, description or names have changed since it was submitted."""

    run_id: str
    tags: Tags
    secrets: tuple[str, ...] = ()

    def carry_out(self, workspace: Workspace) -> None:
        workspace.tag(self.run_id, self.tags)
