"""Which pull requests `github results` looks at: few requests, and none is overlooked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from gitrain.github.api import Repository
from gitrain.github.event import Event
from gitrain.pull_requests.planned import PULLS, Planned, planned_lately
from gitrain.pull_requests.text.marker import Marker
from tests.doubles.github.hub import TOKEN, GitHub
from tests.doubles.github.state import BOT, Issue, Pull, now

OLD = "2025-01-01T00:00:00Z"
PLAN = Marker(kind="plan", workspace="local", runs=("pets-a-000000000000-1",))


@pytest.fixture
def hub() -> Iterator[GitHub]:
    with GitHub() as made:
        yield made
    assert made.unknown == made.defects == []


def planned_pull(hub: GitHub, plan: Marker = PLAN, *, opened: str = "", user: str = BOT) -> Pull:
    """A pull request with a comment that names a run."""
    pull = hub.open_pull("change", head_sha="a" * 40, base_sha="b" * 40)
    comment = hub.say(pull.number, f"{plan}\nthe plan", user=user)
    if opened:
        comment.created_at = comment.updated_at = opened
        hub.state.issues[pull.number].created_at = opened
    return pull


def merged(hub: GitHub, pull: Pull, at: str) -> None:
    pull.merged_at, pull.merge_commit_sha = at, "c" * 40
    hub.state.issues[pull.number].close()


def lately(hub: GitHub) -> list[Planned]:
    since = datetime.now(UTC) - timedelta(days=30)
    repository = Repository(Event(repository=hub.full_name, api=hub.url), TOKEN)
    asked = Marker(kind="plan", workspace="local")
    return list(planned_lately(repository, asked, since))


def test_an_open_one_has_its_plan_and_what_was_said(hub: GitHub) -> None:
    pull = planned_pull(hub)
    results = Marker(kind="results", workspace="local", facts={"over": "yes"})
    said = hub.say(pull.number, f"{results}\nsaid", user=BOT)

    [found] = lately(hub)

    assert (found.number, found.plan, found.pull, found.certain) == (pull.number, PLAN, None, True)
    assert [(one.comment.id, one.marker) for one in found.said] == [(said.id, results)]
    assert [one.method for one in hub.requests] == ["GET", "GET", "POST"]


@pytest.mark.parametrize(
    ("workspace", "folder", "user"),
    [("azure", "", BOT), ("local", "ml", BOT), ("local", "", "ada")],
)
def test_another_workspace_project_or_author_is_none_of_ours(
    hub: GitHub, workspace: str, folder: str, user: str
) -> None:
    planned_pull(hub, Marker(kind="plan", workspace=workspace, folder=folder), user=user)

    assert lately(hub) == []


def test_without_a_marker_nobody_asks_who_we_are(hub: GitHub) -> None:
    pull = hub.open_pull("change", head_sha="a" * 40, base_sha="b" * 40)
    hub.say(pull.number, "looks good")

    assert lately(hub) == []

    assert [one.method for one in hub.requests] == ["GET", "GET"]


def test_old_ones_are_left_alone(hub: GitHub) -> None:
    merged(hub, planned_pull(hub, opened=OLD), OLD)

    assert lately(hub) == []


def test_one_that_was_open_for_long_is_found(hub: GitHub) -> None:
    pull = planned_pull(hub, opened=OLD)
    merged(hub, pull, now())

    [found] = lately(hub)

    assert found.pull
    assert (found.number, found.pull.merge) == (pull.number, "c" * 40)


def test_among_many_closed_ones_nobody_can_be_certain(hub: GitHub) -> None:
    pull = planned_pull(hub)
    merged(hub, pull, now())
    for _ in range(PULLS):
        number = hub.state.number()
        hub.state.issues[number] = Issue(number, "other", state="closed", updated_at="9")
        hub.state.pulls[number] = Pull(number, "x", "d" * 40, "main", "b" * 40, merged_at=now())
    hub.state.issues[pull.number].updated_at = "1"

    [found] = lately(hub)

    assert (found.pull, found.certain) == (None, False)
