"""JSON over HTTP to Azure ML, and errors that say what they mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import requests

from gitrain.errors import UnavailableError, WorkspaceError
from gitrain.workspaces.azureml.http.retry import Sessions, Transport, said, shown

ROLE_HINT = "does the identity have the role AzureML Data Scientist in this workspace?"
_DOWNLOAD = (10.0, 300.0)


class NotFoundError(WorkspaceError):
    """Azure said that it does not exist: the only answer that means absence."""


class Reply(msgspec.Struct, frozen=True):
    """A successful answer."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Wire:
    """Requests with our token. Safe to use from several threads.

    Every request may be sent twice: it reads, or sets something to a given value.
    """

    def __init__(self, transport: Transport) -> None:
        self._tokens = transport.tokens
        self._sessions = Sessions(transport)

    def get(self, url: str, **params: str) -> Any:
        """The JSON of a resource. Raises NotFoundError when it does not exist."""
        return self.call("GET", url, params=params).body

    def find(self, url: str, **params: str) -> Any | None:
        """The JSON of a resource; None when it does not exist."""
        try:
            return self.get(url, **params)
        except NotFoundError:
            return None

    def pages(self, url: str, **params: str) -> Iterator[Any]:
        """Every item of a list, page after page."""
        seen = {url}
        while True:
            body = self.get(url, **params)
            yield from body.get("value") or ()
            link, token = body.get("nextLink"), body.get("continuationToken")
            if link and link not in seen:
                seen.add(link)
                url, params = link, {}
            elif token:
                params = {**params, "continuationToken": token}
            else:
                return

    def query(self, url: str, question: Mapping[str, Any]) -> Iterator[Any]:
        """Every item that a `:query` returns, page after page."""
        asked = dict(question)
        while True:
            body = self.call("POST", url, asked).body
            yield from body.get("value") or ()
            if not body.get("continuationToken"):
                return
            asked["continuationToken"] = body["continuationToken"]

    def content(self, url: str) -> bytes | None:
        """The bytes of a file; None when it does not exist."""
        reply = self._send("GET", url, headers=self._ours("*/*"))
        try:
            _judge(reply, "GET", url)
        except NotFoundError:
            return None
        return bytes(reply.content)

    def signed(self, url: str, start: int = 0) -> bytes:
        """The bytes from `start` on at a signed address; empty when there are none. Such an address
        never gets our token, and never appears in an error."""
        headers = {"Range": f"bytes={start}-"} if start else {}
        reply = self._send("GET", url, headers=headers, timeout=_DOWNLOAD)
        if reply.status_code in (404, 416):
            return b""
        if reply.status_code >= 300:
            raise WorkspaceError(f"Azure's storage answered {reply.status_code}")
        return bytes(reply.content[0 if reply.status_code == 206 else start :])

    def call(
        self, method: str, url: str, body: Any = None, params: Mapping[str, str] | None = None
    ) -> Reply:
        """One request.

        Raises NotFoundError (404), UnavailableError (Azure cannot be reached), WorkspaceError (it
        refuses).
        """
        headers = self._ours("application/json")
        reply = self._send(method, url, params=params or None, json=body, headers=headers)
        _judge(reply, method, url)
        try:
            found = reply.json() if reply.content else None
        except ValueError:
            what = f"{method} {shown(url)}"
            raise UnavailableError(f"Azure's answer to {what} is not JSON") from None
        return Reply(reply.status_code, found, reply.headers)

    def _ours(self, accept: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._tokens.get()}", "Accept": accept}

    def _send(self, method: str, url: str, **how: Any) -> requests.Response:
        try:
            return self._sessions.own.request(method, url, allow_redirects=False, **how)
        except requests.RequestException as error:
            what = f"{type(error).__name__} at {method} {shown(url)}"
            raise UnavailableError(f"Azure cannot be reached ({what})") from None


def _judge(reply: requests.Response, method: str, url: str) -> None:
    """Raise the error that an unsuccessful answer means."""
    what, status = f"{method} {shown(url)}", reply.status_code
    if status == 404:
        raise NotFoundError(f"{said(reply)} ({what})")
    if status in (401, 403):
        raise WorkspaceError(
            f"Azure denied access: {said(reply)} ({status} to {what}); {ROLE_HINT}"
        )
    if status >= 300:
        raise WorkspaceError(f"Azure ML refused: {said(reply)} ({status} to {what})")
