"""The one comment of a plan: created once, then edited."""

from __future__ import annotations

from gitrain.github.api import Comment, Repository
from gitrain.pull_requests.text.marker import Marker, read_marker


def publish(repository: Repository, number: int, body: str) -> None:
    """Create the comment that the marker of `body` names, or bring it up to date."""
    marker = read_marker(body)
    assert marker is not None, "a comment of ours begins with its marker"
    comments = own(repository, repository.comments(number), marker)
    if not comments:
        repository.comment(number, body)
    elif comments[0].body.strip() != body.strip():
        repository.edit_comment(comments[0], body)
    # A request whose answer was lost is sent again, which can leave two comments.
    for one in comments[1:]:
        repository.delete_comment(one)


def own(repository: Repository, comments: tuple[Comment, ...], marker: Marker) -> list[Comment]:
    """The comments with such a marker that our token made, the oldest first.

    Anybody can write a marker. GitHub is asked who we are only when somebody has.
    """
    found = [one for one in comments if (other := read_marker(one.body)) and other.matches(marker)]
    ours = [one for one in found if one.author == repository.login]
    return sorted(ours, key=lambda one: one.id)


def say_once(repository: Repository, number: int, body: str) -> Comment:
    """Create a comment unless one with this marker exists; return the one that stays.

    If two workflows do so at the same moment, both look again, and the oldest stays.
    """
    marker = read_marker(body)
    assert marker is not None, "a comment of ours begins with its marker"
    if before := own(repository, repository.comments(number), marker):
        return before[0]
    repository.comment(number, body)
    first, *others = own(repository, repository.comments(number), marker)
    for one in others:
        repository.delete_comment(one)
    return first
