"""Commit statuses."""

from __future__ import annotations

from typing import Any

from tests.doubles.azure.answers import Answer
from tests.doubles.azure.routing import Call, routes

from .paging import page
from .state import Status
from .tokens import Denied, Token, require

STATES = ("error", "failure", "pending", "success")


def create(hub: Any, call: Call, token: Token) -> Answer:
    require(token, "write", "statuses")
    sent = call.json()
    if sent.get("state") not in STATES:
        raise Denied(422, "Validation Failed", errors=[{"field": "state", "code": "invalid"}])
    description = sent.get("description") or ""
    if len(description) > 140:
        message = "description is too long (maximum is 140 characters)"
        raise Denied(422, "Validation Failed", errors=[{"message": message}])
    if not hub.git.exists(call["sha"]):
        raise Denied(422, f"No commit found for SHA: {call['sha']}")
    made = Status(
        hub.state.id(),
        call["sha"],
        sent["state"],
        sent.get("context") or "default",
        description,
        sent.get("target_url") or "",
        token.login,
    )
    hub.state.statuses.append(made)
    return Answer(201, hub.bodies.status(made))


def listed(hub: Any, call: Call, token: Token) -> Answer:
    """All, the newest first."""
    require(token, "read", "statuses")
    found = [one for one in reversed(hub.state.statuses) if one.sha == call["sha"]]
    return page(call, hub.web, [hub.bodies.status(one) for one in found])


def combined(hub: Any, call: Call, token: Token) -> Answer:
    """The newest of each context, and the worst of them; of a commit, or a branch's head."""
    require(token, "read", "statuses")
    sha = hub.git.git("rev-parse", f"{call['sha']}^{{commit}}") if hub.git.path else call["sha"]
    newest = {one.context: one for one in hub.state.statuses if one.sha == sha}
    states = {one.state for one in newest.values()}
    failed = states & {"error", "failure"}
    state = "failure" if failed else "pending" if states != {"success"} else "success"
    found = [hub.bodies.status(one) for one in newest.values()]
    url = f"{hub.bodies.api}/commits/{sha}/status"
    body = {"state": state, "sha": sha, "statuses": found, "url": url}
    return Answer(body={**body, "total_count": len(found)})


ROUTES = routes(
    "statuses",
    ("POST /repos/{owner}/{repo}/statuses/{sha}", create),
    ("GET /repos/{owner}/{repo}/commits/{sha}/statuses", listed),
    ("GET /repos/{owner}/{repo}/statuses/{sha}", listed),  # the older route, still there
    ("GET /repos/{owner}/{repo}/commits/{sha}/status", combined),
)
