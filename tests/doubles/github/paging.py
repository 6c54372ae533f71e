"""Lists, a page at a time, with the Link header that leads to the next one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from tests.doubles.azure.answers import Answer
from tests.doubles.azure.routing import Call

from .tokens import Denied


def page(call: Call, address: str, items: Sequence[Any]) -> Answer:
    """The page that was asked for: 30 items unless told, 100 at most."""
    try:
        size = min(int(call.query.get("per_page", 30)), 100)
        number = int(call.query.get("page", 1))
    except ValueError as error:
        raise Denied(422, "Invalid request.") from error
    last = max(1, -(-len(items) // size))
    links = {"next": number + 1, "last": last} if number < last else {}
    told = ", ".join(f'<{_at(address, call, n)}>; rel="{rel}"' for rel, n in links.items())
    body = list(items[(number - 1) * size : number * size])
    return Answer(body=body, headers={"Link": told} if told else {})


def _at(address: str, call: Call, number: int) -> str:
    return f"{address}{call.path}?{urlencode({**call.query, 'page': number})}"
