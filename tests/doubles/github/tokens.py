"""Tokens, and what each may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.doubles.azure.answers import Answer
from tests.doubles.azure.routing import Call

from .state import BOT

ALL = {
    "contents": "write",
    "issues": "write",
    "pull_requests": "write",
    "statuses": "write",
}


class Denied(Exception):
    """Raised to answer with an error as GitHub words it."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        body = {"message": message, "documentation_url": "https://docs.github.com/rest", **more}
        self.answer = Answer(status, {**body, "status": str(status)})


@dataclass
class Token:
    """Whose it is, and per permission `read` or `write`; what is absent is not granted."""

    login: str = BOT
    association: str = "NONE"
    permissions: dict[str, str] = field(default_factory=lambda: dict(ALL))

    @property
    def installation(self) -> bool:
        """Whether it is an App's, as the workflow's is, and not a person's."""
        return self.login.endswith("[bot]")

    def may(self, permission: str, level: str) -> bool:
        granted = self.permissions.get(permission, "")
        return granted == "write" or granted == level


def token_of(tokens: dict[str, Token], call: Call) -> Token:
    """Who asks. Raises Denied for a token that is not known, or none."""
    _, _, text = call.headers.get("authorization", "").partition(" ")
    if not text:
        raise Denied(401, "Requires authentication")
    if text not in tokens:
        raise Denied(401, "Bad credentials")
    return tokens[text]


def require(token: Token, level: str, *permissions: str) -> None:
    """One of the permissions must be granted at this level."""
    if not any(token.may(permission, level) for permission in permissions):
        raise Denied(403, "Resource not accessible by integration")
