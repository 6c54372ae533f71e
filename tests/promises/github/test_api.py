"""The requests themselves, in this process: GitHub Enterprise's addresses, pages, errors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from gitrain.errors import GitHubError
from gitrain.github.api import Repository
from gitrain.github.event import Event
from tests.doubles.github.hub import PERSON, TOKEN, GitHub


@pytest.fixture
def hub() -> Iterator[GitHub]:
    """An enterprise's server, whose API is below /api/v3."""
    with GitHub(enterprise=True) as made:
        made.open_pull("change", head_sha="a" * 40, base_sha="b" * 40)
        yield made
    assert made.unknown == made.defects == []


def repository(hub: GitHub, token: str = TOKEN) -> Repository:
    return Repository(Event(repository=hub.full_name, api=hub.url), token)


def test_comments_are_made_edited_and_deleted(hub: GitHub) -> None:
    opened = repository(hub)
    made = opened.comment(1, "one")
    opened.edit_comment(made, "two")

    [found] = opened.comments(1)

    assert (found.id, found.number, found.body) == (made.id, 1, "two")
    assert found.author == opened.login == "github-actions[bot]"
    opened.delete_comment(found)
    opened.delete_comment(found)
    assert opened.comments(1) == ()


@pytest.mark.parametrize("token", [TOKEN, PERSON])
def test_a_token_learns_once_who_it_is_whatever_it_may_do(hub: GitHub, token: str) -> None:
    hub.grant()
    opened = repository(hub, token)

    assert opened.login == opened.login == hub.tokens[token].login

    assert [(one.method, one.path) for one in hub.requests] == [("POST", "/api/graphql")]


@pytest.mark.parametrize(
    "answer", [{"errors": [{"message": "Something went wrong"}]}, {"data": {"viewer": None}}]
)
def test_a_token_that_does_not_learn_who_it_is_is_an_error(
    hub: GitHub, answer: dict[str, object]
) -> None:
    hub.faults.add("POST /api/graphql", status=200, body=answer)

    with pytest.raises(GitHubError, match="say"):
        _ = repository(hub).login


def test_whoever_has_left_is_nobody(hub: GitHub) -> None:
    hub.say(1, "theirs", user="")

    assert [one.author for one in repository(hub).comments(1)] == [""]


def test_recent_comments_end_at_the_limit_and_at_the_time(hub: GitHub) -> None:
    for number in range(150):
        hub.say(1, str(number))
    hub.say(1, "old").updated_at = "2025-01-01T00:00:00Z"
    since = datetime.now(UTC) - timedelta(days=1)

    assert len(repository(hub).recent_comments(since, 1000)) == 150
    before = len(hub.requests)
    assert len(repository(hub).recent_comments(since, 80)) == 80
    assert len(hub.requests) - before == 1


def test_a_list_is_one_request(hub: GitHub) -> None:
    hub.say(1, "theirs", user="eve", association="CONTRIBUTOR")
    opened = repository(hub)
    made = opened.open_issue("title", "body", "gitrain")
    hub.state.issues[made.number].user = "eve"
    hub.open_pull("other", head_sha="d" * 40, base_sha="b" * 40)
    hub.state.issues[1].close()
    before = len(hub.requests)

    assert len(opened.comments(1)) == 1
    assert len(opened.open_issues()) == 1
    assert len(opened.closed_pulls(10)) == 1

    assert len(hub.requests) - before == 3


def test_a_pull_request_tells_when_it_was_merged(hub: GitHub) -> None:
    opened = repository(hub)
    assert opened.pull(1).merged_at is None
    pull = hub.state.pulls[1]
    pull.merged_at, pull.merge_commit_sha = "2026-01-02T03:04:05Z", "c" * 40
    hub.state.issues[1].close()

    [found] = opened.closed_pulls(10)

    assert found == opened.pull(1)
    assert found.merged_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (found.head, found.base, found.merge) == ("a" * 40, "main", "c" * 40)


def test_issues_are_found_by_label_and_pull_requests_are_none(hub: GitHub) -> None:
    opened = repository(hub)
    made = opened.open_issue("title", "body", "gitrain")
    assert [one.number for one in opened.open_issues()] == [made.number]
    assert opened.open_issues("gitrain") == (made,)
    assert opened.open_issues("other") == ()

    opened.edit_issue(made.number, "new", "text", close=True)

    issue = hub.state.issues[made.number]
    assert (issue.title, issue.body, issue.state) == ("new", "text", "closed")
    assert opened.open_issues() == ()


def test_a_long_status_is_cut(hub: GitHub) -> None:
    repository(hub).set_status("a" * 40, "success", "context", "x" * 200)

    status = hub.state.status("a" * 40, "context")
    assert status
    assert status.description == "x" * 139 + "…"


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_what_fails_in_passing_is_tried_again(hub: GitHub, status: int) -> None:
    fault = hub.faults.add("GET", status=status, headers={"Retry-After": "0"})

    assert repository(hub).comments(1) == ()

    assert fault.struck == 1


def test_a_connection_that_breaks_is_tried_again(hub: GitHub) -> None:
    fault = hub.faults.add("GET", reset=True)

    assert repository(hub).comments(1) == ()

    assert fault.struck == 1


def test_an_error_says_what_github_said(hub: GitHub) -> None:
    hub.faults.add("POST", status=422, body={"message": "Validation\n Failed"})

    with pytest.raises(GitHubError, match=r"422 to the request to comment: Validation Failed$"):
        repository(hub).comment(1, "text")


def test_what_is_not_given_is_asked_for() -> None:
    with pytest.raises(GitHubError, match="--repo OWNER/NAME"):
        Repository(Event(), PERSON)
    with pytest.raises(GitHubError, match="GITHUB_TOKEN is not set"):
        Repository(Event(repository="octo/pets"), "")
