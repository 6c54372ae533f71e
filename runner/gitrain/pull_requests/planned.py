"""Results on pull requests: which were planned lately, what was reported, and reporting it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from gitrain.github.api import Comment, Pull, Repository
from gitrain.pull_requests.comments import say_once
from gitrain.pull_requests.text.marker import Marker, read_marker

COMMENTS = 1000
PULLS = 100
"""How many comments and closed pull requests are searched at most, newest first."""


class Said(msgspec.Struct, frozen=True):
    """A comment with results, and its marker."""

    comment: Comment
    marker: Marker


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A pull request with the plan of one workspace; `pull` is None while it is open.

    If too many pull requests were closed since, `pull` may be None for a closed one too: then it is
    not `certain`.
    """

    number: int
    plan: Marker
    said: tuple[Said, ...]
    pull: Pull | None
    certain: bool


def planned_lately(repository: Repository, plan: Marker, since: datetime) -> Iterator[Planned]:
    """The pull requests whose plan in a workspace was made, edited or merged since then.

    Takes two requests, plus one for each further page of a hundred comments and one for each pull
    request that was opened before and merged since.
    """
    comments = repository.recent_comments(since, COMMENTS)
    closed = {pull.number: pull for pull in repository.closed_pulls(PULLS)}
    known = {one.number for one in comments}
    late = [
        pull.number
        for pull in closed.values()
        if pull.merged_at and pull.merged_at >= since > pull.created_at
    ]
    for number in late:
        if number not in known:
            comments = (*comments, *repository.comments(number))
    yield from _planned(repository, comments, plan, closed)


def _planned(
    repository: Repository, comments: Iterable[Comment], plan: Marker, closed: dict[int, Pull]
) -> Iterator[Planned]:
    plans: dict[int, Marker] = {}
    said: dict[int, list[Said]] = {}
    for one in comments:
        marker = read_marker(one.body)
        if marker is None or (marker.workspace, marker.folder) != (plan.workspace, plan.folder):
            continue
        if one.author != repository.login:
            continue
        if marker.kind == "plan":
            plans[one.number] = marker
        elif marker.kind == "results":
            said.setdefault(one.number, []).append(Said(one, marker))
    for number, marker in sorted(plans.items()):
        yield Planned(
            number=number,
            plan=marker,
            said=tuple(said.get(number, ())),
            pull=closed.get(number),
            certain=number in closed or len(closed) < PULLS,
        )


def say(repository: Repository, number: int, body: str, before: Said | None) -> None:
    """Write a new comment, because an edit notifies nobody; update an existing one."""
    if before:
        repository.edit_comment(before.comment, body)
    else:
        say_once(repository, number, body)
