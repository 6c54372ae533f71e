"""Requests, the table that says who answers them, and what kind of request each is."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from .answers import Answer, Refused

WORKSPACE = (
    "/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
    "/providers/Microsoft.MachineLearningServices/workspaces/(?P<workspace>[^/]+)"
)


@dataclass
class Call:
    """One request, read completely."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    found: dict[str, str] = field(default_factory=dict)
    source: str = "client"

    def __getitem__(self, name: str) -> str:
        """A part of the path, by the name that the route gives it."""
        return self.found[name]

    def json(self) -> Any:
        """The body; an empty object when there is none."""
        if not self.body:
            return {}
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise Refused(400, f"The request body is not JSON: {error}") from error


@dataclass(frozen=True)
class Route:
    """A method and the form of a path, who answers, and whether that only reads."""

    method: str
    path: re.Pattern[str]
    handle: Callable[[Any, Call], Answer]
    kind: str
    reads: bool
    open: bool

    def parts(self, method: str, path: str) -> dict[str, str] | None:
        """The named parts of a path that this route takes; None of any other."""
        match = self.path.fullmatch(path) if method == self.method else None
        return {name: unquote(part) for name, part in match.groupdict().items()} if match else None


def routes(
    kind: str, *rows: tuple[str, Callable[[Any, Call], Answer]], open_to_all: bool = False
) -> tuple[Route, ...]:
    """A module's part of the table. A row is `"METHOD pattern"` and its handler.

    In a pattern stand `{ws}`, `{name}`, and `{path*}` that spans slashes. A GET reads; so does
    a POST that is written `POST?`: the services ask many questions by POST.
    """
    table = []
    for words, handle in rows:
        method, pattern = words.split(" ", 1)
        reads = method in ("GET", "HEAD") or method.endswith("?")
        path = _pattern(pattern)
        table.append(Route(method.rstrip("?"), path, handle, kind, reads, open_to_all))
    return tuple(table)


def _pattern(pattern: str) -> re.Pattern[str]:
    text = pattern.replace("{ws}", WORKSPACE)
    text = re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+)", text)
    text = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", text)
    return re.compile(text, re.IGNORECASE)


def find(table: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The first route that takes this request."""
    for route in table:
        found = route.parts(method, path)
        if found is not None:
            return route, found
    return None
