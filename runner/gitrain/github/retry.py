"""How long to wait for GitHub, and when to give up."""

from __future__ import annotations

from github.GithubException import RateLimitExceededExceedsMaxWait
from github.GithubRetry import GithubRetry
from urllib3.response import BaseHTTPResponse

MOST = 120.0
"""Most seconds to wait for a rate limit: a workflow that sleeps for an hour only costs money."""


class Patience(GithubRetry):
    """Retries temporary failures, of writes too. Follows Retry-After and the reset of a rate limit,
    unless that is more than `MOST` seconds away."""

    def __init__(self, **settings: object) -> None:
        defaults: dict[str, object] = {
            "total": 4,
            "backoff_factor": 0.5,
            "max_rate_limit_wait": MOST,
            "status_forcelist": [429, *range(500, 600)],
            "allowed_methods": frozenset({"GET", "POST", "PATCH", "DELETE"}),
        }
        super().__init__(**{**defaults, **settings})  # type: ignore[arg-type]

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        """How many seconds GitHub asks us to wait. Raises if they are too many."""
        seconds = super().get_retry_after(response)
        if seconds is not None and seconds > MOST:
            raise RateLimitExceededExceedsMaxWait(
                response.status, {}, dict(response.headers), wait=seconds
            )
        return seconds
