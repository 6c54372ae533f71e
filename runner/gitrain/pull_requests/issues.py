"""One issue that stays open while a workspace differs from the manifests."""

from __future__ import annotations

from gitrain.github.api import Issue, Repository
from gitrain.pull_requests.text.marker import Marker, read_marker

LABEL = "gitrain"


def find(repository: Repository, marker: Marker) -> Issue | None:
    """The open issue with this marker that our token opened: by its label, else among the newest,
    since GitHub drops labels that a token may not set."""
    for label in (LABEL, ""):
        for issue in repository.open_issues(label):
            found = read_marker(issue.body)
            if found and found.matches(marker) and issue.author == repository.login:
                return issue
    return None


def keep(repository: Repository, title: str, body: str) -> str:
    """Open the issue or bring it up to date; returns a line that says which."""
    marker = read_marker(body)
    assert marker is not None, "an issue of ours begins with its marker"
    issue = find(repository, marker)
    if issue is None:
        made = repository.open_issue(title, body, LABEL)
        return f"opened issue #{made.number}"
    if (issue.title, issue.body.strip()) == (title, body.strip()):
        return f"issue #{issue.number} is up to date"
    repository.edit_issue(issue.number, title, body)
    return f"updated issue #{issue.number}"


def close(repository: Repository, marker: Marker, reason: str) -> str:
    """Close the issue, if one is open, with a last comment; returns a line that says so, or ""."""
    issue = find(repository, marker)
    if issue is None:
        return ""
    repository.comment(issue.number, reason)
    repository.edit_issue(issue.number, issue.title, issue.body, close=True)
    return f"closed issue #{issue.number}"
