"""One repository on GitHub: the few requests that comments, statuses and an issue need."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any

import msgspec

from gitrain.errors import GitHubError
from gitrain.github.event import Event

try:
    import github
    import requests
except ModuleNotFoundError as error:
    raise GitHubError("PyGithub is not installed: pip install 'gitrain[github]'") from error

from gitrain.github.retry import Patience

# Our errors say the same in one line.
for _name in ("github", "urllib3"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

TIMEOUT = 30
"""Seconds to wait for one answer."""

_WHO = "query { viewer { login } }"


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """A comment on the issue or pull request `number`; `author` is a login, "" of who has left."""

    id: int
    number: int
    body: str
    author: str


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """A pull request; `merged_at` is None unless it is merged, and `merge` is the merge commit."""

    number: int
    open: bool
    head: str
    base: str
    created_at: datetime
    merged_at: datetime | None
    merge: str


class Issue(msgspec.Struct, frozen=True, kw_only=True):
    """An issue, not a pull request; `author` as a comment's."""

    number: int
    title: str
    body: str
    author: str


class Repository:
    """Every method raises GitHubError: one line that says what to do."""

    def __init__(self, event: Event, token: str) -> None:
        if not event.repository:
            raise GitHubError("which repository? Use --repo OWNER/NAME, or set GITHUB_REPOSITORY")
        if not token:
            raise GitHubError("GITHUB_TOKEN is not set: pass it to the step under env")
        self._event = event
        self._client = github.Github(
            auth=github.Auth.Token(token),
            base_url=event.api.rstrip("/"),
            timeout=TIMEOUT,
            retry=Patience(),
            per_page=100,
            seconds_between_requests=None,
            lazy=True,
        )
        self._repository = self._client.get_repo(event.repository)

    @cached_property
    def login(self) -> str:
        """Who the token is: the author of what it writes. One request, at the first time of asking.

        REST answers `GET /user` with 403 to the token of a workflow, and of any other App. GraphQL
        tells every token, whatever it may do, and spells the login as REST does: `slug[bot]`.
        """
        with self._asking("say who it is", "contents: read"):
            _, answer = self._client.requester.graphql_query(_WHO, {})
            login = ((answer.get("data") or {}).get("viewer") or {}).get("login")
        if not login:
            raise GitHubError("GitHub does not say whose token GITHUB_TOKEN is: try again later")
        return str(login)

    def comments(self, number: int) -> tuple[Comment, ...]:
        """All comments of one pull request or issue, oldest first."""
        with self._asking("read the comments", "pull-requests: write"):
            found = self._repository.get_issue(number).get_comments()
            return tuple(map(_comment, found))

    def recent_comments(self, since: datetime, most: int) -> tuple[Comment, ...]:
        """The comments of the whole repository that were made or edited since, newest first."""
        with self._asking("read the comments", "pull-requests: write"):
            found = self._repository.get_issues_comments(
                sort="updated", direction="desc", since=since
            )
            return tuple(map(_comment, islice(found, most)))

    def comment(self, number: int, body: str) -> Comment:
        with self._asking("comment", "pull-requests: write (or issues: write)"):
            return _comment(self._repository.get_issue(number).create_comment(body))

    def edit_comment(self, comment: Comment, body: str) -> None:
        with self._asking("edit its comment", "pull-requests: write (or issues: write)"):
            self._repository.get_issue(comment.number).get_comment(comment.id).edit(body)

    def delete_comment(self, comment: Comment) -> None:
        """Does nothing if another workflow was faster."""
        asking = self._asking("delete its comment", "pull-requests: write (or issues: write)")
        with asking, suppress(github.UnknownObjectException):
            self._repository.get_issue(comment.number).get_comment(comment.id).delete()

    def set_status(
        self, commit: str, state: str, context: str, description: str, url: str = ""
    ) -> None:
        """A commit's status: error, failure, pending or success. GitHub keeps the newest."""
        told = description if len(description) <= 140 else f"{description[:139]}…"
        with self._asking("set a commit status", "statuses: write"):
            self._repository.get_commit(commit).create_status(
                state, target_url=url, description=told, context=context
            )

    def status(self, commit: str, context: str) -> tuple[str, str]:
        """The state and description of a commit's newest status; empty without one."""
        with self._asking("read the commit statuses", "statuses: read"):
            found = self._repository.get_commit(commit).get_statuses()  # newest first
            newest = next((one for one in found if one.context == context), None)
            return (newest.state, newest.description or "") if newest else ("", "")

    def pull(self, number: int) -> Pull:
        with self._asking(f"read pull request {number}", "pull-requests: read"):
            return _pull(self._repository.get_pull(number))

    def closed_pulls(self, most: int) -> tuple[Pull, ...]:
        """Merged and closed pull requests, the most recently changed first."""
        with self._asking("read the pull requests", "pull-requests: read"):
            found = self._repository.get_pulls(state="closed", sort="updated", direction="desc")
            return tuple(map(_pull, islice(found, most)))

    def open_issues(self, label: str = "", most: int = 100) -> tuple[Issue, ...]:
        """Open issues, newest first; only those with `label`, if given."""
        with self._asking("read the issues", "issues: write"):
            labels = {"labels": [label]} if label else {}
            found = self._repository.get_issues(state="open", **labels)  # type: ignore[arg-type]
            return tuple(_issues(islice(found, most)))

    def open_issue(self, title: str, body: str, label: str) -> Issue:
        with self._asking("open an issue", "issues: write"):
            return _issue(self._repository.create_issue(title=title, body=body, labels=[label]))

    def edit_issue(self, number: int, title: str, body: str, *, close: bool = False) -> None:
        """Replace the text of an issue, and close it if asked to."""
        state = "closed" if close else "open"
        with self._asking("edit an issue", "issues: write"):
            self._repository.get_issue(number).edit(title=title, body=body, state=state)

    @contextmanager
    def _asking(self, doing: str, permission: str) -> Iterator[None]:
        try:
            yield
        except github.GithubException as error:
            raise GitHubError(self._told(error, doing, permission)) from error
        except requests.RequestException as error:
            raise GitHubError(
                f"cannot reach GitHub ({self._event.api}) to {doing}: {_cause(error)}"
            ) from error

    def _told(self, error: github.GithubException, doing: str, permission: str) -> str:
        said = _message(error)
        if isinstance(error, github.RateLimitExceededException):
            return f"GitHub's rate limit is used up, cannot {doing} now ({said}): try again later"
        if error.status == 401:
            return f"GitHub does not accept GITHUB_TOKEN ({said}): it may have expired"
        if error.status == 403:
            return (
                f"GITHUB_TOKEN is not allowed to {doing} in {self._event.repository} ({said}): "
                f"the workflow's job needs the permission {permission}"
            )
        if error.status == 404:
            return (
                f"cannot {doing} in {self._event.repository}: not found. Do the repository and the "
                f"pull request exist, and can GITHUB_TOKEN see them ({permission})?"
            )
        return f"GitHub answered {error.status} to the request to {doing}: {said}"


def _message(error: github.GithubException) -> str:
    """What GitHub says, on one line."""
    data: Any = error.data
    said = data.get("message") if isinstance(data, dict) else data
    return " ".join(str(said or error.message or "no reason given").split())[:200]


def _cause(error: BaseException) -> str:
    """The innermost reason: requests wraps urllib3, which wraps the socket's error."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return " ".join(str(error).split())[:200] or type(error).__name__


def _comment(found: Any) -> Comment:
    return Comment(
        id=found.id,
        number=int(found.issue_url.rpartition("/")[2]),
        body=found.body or "",
        author=_author(found),
    )


def _author(found: Any) -> str:
    return found.user.login if found.user else ""  # None: an account that was deleted


def _pull(found: Any) -> Pull:
    return Pull(
        number=found.number,
        open=found.state == "open",
        head=found.head.sha,
        base=found.base.ref,
        created_at=found.created_at,
        merged_at=found.merged_at,
        merge=found.merge_commit_sha or "",
    )


def _issue(found: Any) -> Issue:
    return Issue(
        number=found.number,
        title=found.title,
        body=found.body or "",
        author=_author(found),
    )


def _issues(found: Iterable[Any]) -> Iterator[Issue]:
    # Reading an attribute that the list lacks would send a request for each issue.
    return (_issue(one) for one in found if one.html_url.rsplit("/", 2)[1] != "pull")
