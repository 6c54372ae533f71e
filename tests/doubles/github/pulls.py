"""Pull requests, their files, and comparisons: what the real bare repository says."""

from __future__ import annotations

from typing import Any

from tests.doubles.azure.answers import Answer
from tests.doubles.azure.routing import Call, routes

from .paging import page
from .state import Pull
from .tokens import Denied, Token, require


def pulls(hub: Any, call: Call, token: Token) -> Answer:
    require(token, "read", "pull_requests")
    state = call.query.get("state", "open")
    found = [p for p in hub.state.pulls.values() if state in ("all", _issue(hub, p).state)]
    if base := call.query.get("base"):
        found = [p for p in found if p.base_ref == base]
    key = "updated_at" if call.query.get("sort") == "updated" else "created_at"
    descending = call.query.get("direction", "desc") == "desc"
    found.sort(key=lambda p: (getattr(_issue(hub, p), key), p.number), reverse=descending)
    # A listed pull request has no `merged`: only the one that is read by number says it.
    bodies = [hub.bodies.pull(p) for p in found]
    return page(call, hub.web, [{k: v for k, v in b.items() if k != "merged"} for b in bodies])


def pull(hub: Any, call: Call, token: Token) -> Answer:
    require(token, "read", "pull_requests")
    return Answer(body=hub.bodies.pull(_pull(hub, call)))


def files(hub: Any, call: Call, token: Token) -> Answer:
    require(token, "read", "pull_requests")
    found = _pull(hub, call)
    return page(call, hub.web, hub.git.files(found.base_sha, found.head_sha))


def of_commit(hub: Any, call: Call, token: Token) -> Answer:
    """The merged pull request that brought a commit in; else those, still open, that have it."""
    require(token, "read", "pull_requests")
    sha = call["sha"]
    found = list(hub.state.pulls.values())
    merged = [p for p in found if p.merged and hub.git.brought_in(p, sha)]
    having = merged or [p for p in found if hub.git.has(p, sha)]
    return page(call, hub.web, [hub.bodies.pull(p) for p in having])


def compare(hub: Any, call: Call, token: Token) -> Answer:
    require(token, "read", "contents")
    base, dots, head = call["range"].partition("...")
    if not dots:
        raise Denied(404, "Not Found")
    return Answer(body=hub.git.compare(base, head))


def repository(hub: Any, call: Call, token: Token) -> Answer:
    return Answer(body=hub.bodies.repository(f"{hub.owner}/{hub.name}"))


def _pull(hub: Any, call: Call) -> Pull:
    found: Pull | None = hub.state.pulls.get(int(call["number"]))
    if found is None:
        raise Denied(404, "Not Found")
    return found


def _issue(hub: Any, found: Pull) -> Any:
    return hub.state.issues[found.number]


ROUTES = routes(
    "pulls",
    ("GET /repos/{owner}/{repo}", repository),
    ("GET /repos/{owner}/{repo}/pulls", pulls),
    ("GET /repos/{owner}/{repo}/pulls/{number}", pull),
    ("GET /repos/{owner}/{repo}/pulls/{number}/files", files),
    ("GET /repos/{owner}/{repo}/commits/{sha}/pulls", of_commit),
    ("GET /repos/{owner}/{repo}/compare/{range*}", compare),
)
