"""Issues, their comments and labels. GitHub lets pull requests be commented as issues."""

from __future__ import annotations

from typing import Any

from tests.doubles.azure.answers import Answer
from tests.doubles.azure.routing import Call, routes

from .paging import page
from .state import Comment, Issue, now
from .tokens import Denied, Token, require

MOST = 65_536
"""Characters of a comment or of an issue's text."""


def comments(hub: Any, call: Call, token: Token) -> Answer:
    """Of one issue, oldest first."""
    number = _issue(hub, call).number
    _may(hub, token, "read", number)
    found = hub.state.comments_on(number)
    return page(call, hub.web, [hub.bodies.comment(one) for one in found])


def all_comments(hub: Any, call: Call, token: Token) -> Answer:
    """Of the whole repository; `since` is about the last change."""
    require(token, "read", "issues", "pull_requests")
    found = list(hub.state.comments.values())
    since = call.query.get("since", "")
    found = [one for one in found if one.updated_at >= since]
    key = "updated_at" if call.query.get("sort") == "updated" else "created_at"
    if "sort" in call.query:
        descending = call.query.get("direction", "desc") == "desc"
        found.sort(key=lambda one: (getattr(one, key), one.id), reverse=descending)
    return page(call, hub.web, [hub.bodies.comment(one) for one in found])


def create_comment(hub: Any, call: Call, token: Token) -> Answer:
    number = _issue(hub, call).number
    _may(hub, token, "write", number)
    body = _body(call)
    made = Comment(hub.state.id(), number, body, token.login, token.association)
    hub.state.comments[made.id] = made
    return Answer(201, hub.bodies.comment(made))


def read_comment(hub: Any, call: Call, token: Token) -> Answer:
    found = _comment(hub, call)
    _may(hub, token, "read", found.number)
    return Answer(body=hub.bodies.comment(found))


def edit_comment(hub: Any, call: Call, token: Token) -> Answer:
    found = _comment(hub, call)
    _may(hub, token, "write", found.number)
    found.edit(_body(call))
    return Answer(body=hub.bodies.comment(found))


def delete_comment(hub: Any, call: Call, token: Token) -> Answer:
    found = _comment(hub, call)
    _may(hub, token, "write", found.number)
    del hub.state.comments[found.id]
    return Answer(204)


def issues(hub: Any, call: Call, token: Token) -> Answer:
    """Pull requests are among them, as on GitHub; the newest first."""
    require(token, "read", "issues")
    state = call.query.get("state", "open")
    wanted = set(filter(None, call.query.get("labels", "").split(",")))
    found = [
        one
        for one in hub.state.issues.values()
        if state in ("all", one.state) and wanted <= set(one.labels)
    ]
    found.sort(key=lambda one: one.number, reverse=call.query.get("direction", "desc") == "desc")
    return page(call, hub.web, [hub.bodies.issue(one) for one in found])


def create_issue(hub: Any, call: Call, token: Token) -> Answer:
    """Labels that do not exist are made, as GitHub does for whoever may write."""
    require(token, "write", "issues")
    sent = call.json()
    if not sent.get("title"):
        raise Denied(422, "Validation Failed", errors=[{"field": "title", "code": "missing"}])
    _fits(sent.get("body") or "")
    labels = list(sent.get("labels") or [])
    hub.state.labels |= set(labels)
    number = hub.state.number()
    made = Issue(number, sent["title"], sent.get("body") or "", token.login, labels=labels)
    hub.state.issues[number] = made
    return Answer(201, hub.bodies.issue(made))


def read_issue(hub: Any, call: Call, token: Token) -> Answer:
    found = _issue(hub, call)
    _may(hub, token, "read", found.number)
    return Answer(body=hub.bodies.issue(found))


def edit_issue(hub: Any, call: Call, token: Token) -> Answer:
    found = _issue(hub, call)
    require(token, "write", "issues")
    sent = call.json()
    _fits(sent.get("body") or "")
    found.title = sent.get("title", found.title)
    found.body = sent.get("body", found.body)
    found.labels = list(sent.get("labels", found.labels))
    found.updated_at = now()
    if sent.get("state") == "closed" and found.state == "open":
        found.close(sent.get("state_reason") or "completed")
    elif sent.get("state") == "open":
        found.state, found.state_reason, found.closed_at = "open", "reopened", None
    return Answer(body=hub.bodies.issue(found))


def labels_of(hub: Any, call: Call, token: Token) -> Answer:
    found = _issue(hub, call)
    _may(hub, token, "read", found.number)
    return page(call, hub.web, [hub.bodies.label(name) for name in found.labels])


def add_labels(hub: Any, call: Call, token: Token) -> Answer:
    found = _issue(hub, call)
    _may(hub, token, "write", found.number)
    sent = call.json()
    names = sent.get("labels", []) if isinstance(sent, dict) else sent
    hub.state.labels |= set(names)
    found.labels = list(dict.fromkeys([*found.labels, *names]))
    return Answer(body=[hub.bodies.label(name) for name in found.labels])


def _issue(hub: Any, call: Call) -> Issue:
    found: Issue | None = hub.state.issues.get(int(call["number"]))
    if found is None:
        raise Denied(404, "Not Found")
    return found


def _comment(hub: Any, call: Call) -> Comment:
    found: Comment | None = hub.state.comments.get(int(call["id"]))
    if found is None:
        raise Denied(404, "Not Found")
    return found


def _may(hub: Any, token: Token, level: str, number: int) -> None:
    more = ("pull_requests",) if number in hub.state.pulls else ()
    require(token, level, "issues", *more)


def _body(call: Call) -> str:
    body = call.json().get("body")
    if not isinstance(body, str) or not body.strip():
        raise Denied(422, "Validation Failed", errors=["Body cannot be blank"])
    _fits(body)
    return body


def _fits(body: str) -> None:
    if len(body) > MOST:
        error = {"field": "body", "code": "custom", "message": f"body is too long ({MOST})"}
        raise Denied(422, "Validation Failed", errors=[error])


ROUTES = routes(
    "issues",
    ("GET /repos/{owner}/{repo}/issues/comments", all_comments),
    ("GET /repos/{owner}/{repo}/issues/comments/{id}", read_comment),
    ("PATCH /repos/{owner}/{repo}/issues/comments/{id}", edit_comment),
    ("DELETE /repos/{owner}/{repo}/issues/comments/{id}", delete_comment),
    ("GET /repos/{owner}/{repo}/issues", issues),
    ("POST /repos/{owner}/{repo}/issues", create_issue),
    ("GET /repos/{owner}/{repo}/issues/{number}", read_issue),
    ("PATCH /repos/{owner}/{repo}/issues/{number}", edit_issue),
    ("GET /repos/{owner}/{repo}/issues/{number}/comments", comments),
    ("POST /repos/{owner}/{repo}/issues/{number}/comments", create_comment),
    ("GET /repos/{owner}/{repo}/issues/{number}/labels", labels_of),
    ("POST /repos/{owner}/{repo}/issues/{number}/labels", add_labels),
)
