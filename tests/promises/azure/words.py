"""Requests in the words of a table: which kind one is, ignoring the ids in it."""

from __future__ import annotations

import re

from tests.doubles.azure.requestlog import Request

_SCOPE = re.compile(r".*/workspaces/pets(?=/|$)")
_IDS = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|demo-\w+-[0-9a-f]{12}-\d+"
    r"|(?<=/)(one|two)(?=/|$)|(?<=/versions/)[0-9a-f]+"
)
# What stands for an id in a shape: never a word of the address, such as `getblob`.
_ID = r"([0-9a-f-]{12,36}|demo-\w+-[0-9a-f]{12}-\d+|one|two|\w*\.\w+)"


def shape(request: Request) -> str:
    """The request without what is different in each: METHOD kind path."""
    path = _IDS.sub("*", _SCOPE.sub("", request.path))
    if request.kind == "blob":
        path = re.sub(r"\*/[.\w]+$", "*/*", path)
    return f"{request.method} {request.kind} {path or '/'}"


def pattern(of_shape: str) -> str:
    """What finds the requests of a shape, for a fault's `match`."""
    method, kind, path = of_shape.split(" ", 2)
    if kind not in ("token", "discovery", "blob") and not path.startswith("/subscriptions"):
        path = "/workspaces/pets" + path.rstrip("/")
    return f"^{method} .*{re.escape(path).replace(re.escape('*'), _ID)}(\\?|$)"
