"""What a handler gives back, and the error body that all of Azure ML's services share."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass
class Answer:
    """One HTTP response; `body` is sent as JSON unless it is bytes."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[bytes, str]:
        """The bytes to send and their content type."""
        if isinstance(self.body, bytes):
            return self.body, self.headers.get("Content-Type", "application/octet-stream")
        if self.body is None:
            return b"", "application/json; charset=utf-8"
        return json.dumps(self.body).encode(), "application/json; charset=utf-8"


class Refused(Exception):
    """Raised by a handler to answer with an error."""

    def __init__(self, status: int, message: str, code: str = "UserError") -> None:
        super().__init__(message)
        self.answer = problem(status, message, code)


def problem(status: int, message: str, code: str = "UserError") -> Answer:
    """An error in the shape that the SDK's exceptions print."""
    error = {"code": code, "message": message, "details": [], "innerError": None}
    return Answer(
        status,
        {
            "error": error,
            "correlation": {"operation": "emulated", "request": "emulated"},
            "environment": "eastus",
            "location": "eastus",
            "time": now(),
        },
    )


def now() -> str:
    """The present moment, as the services write it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
