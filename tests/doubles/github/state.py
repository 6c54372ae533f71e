"""What exists: pull requests, issues, comments, statuses, labels. Tests read and change it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime

BOT = "github-actions[bot]"


def now() -> str:
    """The present moment as GitHub writes it, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Comment:
    """A comment on an issue or a pull request; `edits` are the bodies it had before."""

    id: int
    number: int
    body: str
    user: str = BOT
    association: str = "NONE"
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)
    edits: list[str] = field(default_factory=list)

    def edit(self, body: str) -> None:
        self.edits.append(self.body)
        self.body, self.updated_at = body, now()


@dataclass
class Issue:
    """An issue; each pull request has one with the same number."""

    number: int
    title: str
    body: str = ""
    user: str = "ada"
    state: str = "open"
    state_reason: str | None = None
    labels: list[str] = field(default_factory=list)
    created_at: str = field(default_factory=now)
    updated_at: str = field(default_factory=now)
    closed_at: str | None = None

    def close(self, reason: str | None = "completed") -> None:
        self.state, self.state_reason, self.closed_at = "closed", reason, now()


@dataclass
class Pull:
    """A pull request. `fork` is the `owner/name` it comes from, "" for this repository."""

    number: int
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    user: str = "ada"
    fork: str = ""
    draft: bool = False
    merged_at: str | None = None
    merge_commit_sha: str | None = None

    @property
    def merged(self) -> bool:
        return self.merged_at is not None


@dataclass
class Status:
    """One commit status; the newest of a context is the one that counts."""

    id: int
    sha: str
    state: str
    context: str
    description: str = ""
    target_url: str = ""
    user: str = BOT
    created_at: str = field(default_factory=now)


class State:
    """All of a repository, empty at the start."""

    def __init__(self) -> None:
        self.pulls: dict[int, Pull] = {}
        self.issues: dict[int, Issue] = {}
        self.comments: dict[int, Comment] = {}
        self.statuses: list[Status] = []
        self.labels: set[str] = set()
        self._numbers = itertools.count(1)
        self._ids = itertools.count(1001)

    def number(self) -> int:
        return next(self._numbers)

    def id(self) -> int:
        return next(self._ids)

    def comments_on(self, number: int) -> list[Comment]:
        """Oldest first."""
        return [one for one in self.comments.values() if one.number == number]

    def status(self, sha: str, context: str) -> Status | None:
        """The one that counts."""
        found = [one for one in self.statuses if (one.sha, one.context) == (sha, context)]
        return found[-1] if found else None
