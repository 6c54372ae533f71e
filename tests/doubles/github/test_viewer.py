"""The imitation says who a token is where GitHub does, and refuses where GitHub refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.doubles.github.hub import PERSON, TOKEN, GitHub

VIEWER = {"query": "query { viewer { login } }"}


@pytest.fixture(params=[False, True], ids=["github.com", "enterprise"])
def hub(request: pytest.FixtureRequest) -> Iterator[GitHub]:
    with GitHub(enterprise=request.param) as made:
        yield made
    assert made.defects == []


def ask(hub: GitHub, method: str, url: str, token: str, body: object = None) -> tuple[int, object]:
    headers = {"Authorization": f"token {token}"} if token else {}
    reply = requests.request(method, url, headers=headers, json=body, timeout=10)
    return reply.status_code, reply.json()


def graphql(hub: GitHub) -> str:
    return f"{hub.web}/api/graphql" if hub.prefix else f"{hub.web}/graphql"


def test_rest_tells_a_person_and_refuses_an_app_whatever_it_may_do(hub: GitHub) -> None:
    status, body = ask(hub, "GET", f"{hub.url}/user", PERSON)
    assert (status, body["login"]) == (200, "ada")

    for token in (TOKEN, hub.token("other[bot]")):
        status, body = ask(hub, "GET", f"{hub.url}/user", token)
        assert (status, body["message"]) == (403, "Resource not accessible by integration")


def test_graphql_tells_every_token_with_the_login_that_comments_bear(hub: GitHub) -> None:
    hub.grant()
    other = hub.token("other[bot]", contents="read")

    for token, login in ((TOKEN, "github-actions[bot]"), (PERSON, "ada"), (other, "other[bot]")):
        answer = ask(hub, "POST", graphql(hub), token, VIEWER)
        assert answer == (200, {"data": {"viewer": {"login": login}}})


def test_graphql_needs_a_token_and_a_query_that_is_known(hub: GitHub) -> None:
    assert ask(hub, "POST", graphql(hub), "", VIEWER)[0] == 401
    assert ask(hub, "POST", graphql(hub), "gone", VIEWER)[0] == 401
    status, body = ask(hub, "POST", graphql(hub), TOKEN, {"query": "{ viewer { email } }"})
    assert (status, list(body)) == (200, ["errors"])
    assert hub.unknown == ["GraphQL { viewer { email } }"]


def test_an_enterprise_has_graphql_where_it_has_it(hub: GitHub) -> None:
    elsewhere = f"{hub.web}/graphql" if hub.prefix else f"{hub.web}/api/graphql"

    assert ask(hub, "POST", elsewhere, TOKEN, VIEWER)[0] == 404
