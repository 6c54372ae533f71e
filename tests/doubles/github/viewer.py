"""Who a token is: GraphQL tells every token, REST only a person's."""

from __future__ import annotations

import re
from typing import Any

from tests.doubles.azure.answers import Answer
from tests.doubles.azure.routing import Call, routes

from .tokens import Denied, Token

_VIEWER = re.compile(r"\s*(query(\s+\w+)?)?\s*\{\s*viewer\s*\{\s*login\s*\}\s*\}\s*")


def user(hub: Any, call: Call, token: Token) -> Answer:
    """The REST route; the token of a workflow, or of another App, is refused whatever it may do."""
    if token.installation:
        raise Denied(403, "Resource not accessible by integration")
    return Answer(body=hub.bodies.user(token.login))


def graphql(hub: Any, call: Call, token: Token) -> Answer:
    """One query is known; of any other the test hears, and the client as GitHub says it: by 200."""
    query = call.json().get("query") or ""
    if not _VIEWER.fullmatch(query):
        hub.unknown.append(f"GraphQL {query}")
        return Answer(body={"errors": [{"type": "undefinedField", "message": "unknown query"}]})
    return Answer(body={"data": {"viewer": {"login": token.login}}})


ROUTES = routes("viewer", ("GET /user", user), ("POST /graphql", graphql))
