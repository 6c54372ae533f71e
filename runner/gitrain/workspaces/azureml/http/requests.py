"""JSON over HTTP to Azure ML, and errors that say what they mean."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec
import requests

from gitrain.errors import UnavailableError, WorkspaceError
from gitrain.workspaces.azureml.http.retry import NETWORK, Sessions, Transport, said, shown

ROLE_HINT = "does the identity have the role AzureML Data Scientist in this workspace?"
_DOWNLOAD = (10.0, 300.0)
_PIECE = 256 * 1024
T = TypeVar("T")


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
        self._pauses = transport.pauses

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

    def streamed(self, url: str, take: Callable[[Iterator[bytes]], T]) -> T:
        """What `take` makes of the pieces of a file, which may be larger than our memory. It is
        called again, for the whole file, when the answer is cut off. Raises NotFoundError."""

        def read(reply: requests.Response) -> T:
            _judge(reply, "GET", url)
            return take(reply.iter_content(_PIECE))

        return self._read(read, url, headers=self._ours("*/*"))

    def signed(self, url: str, start: int, most: int) -> bytes:
        """At most `most` bytes from `start` on at a signed address, which is no place for our
        token, nor for an error's text; none when there are none."""

        def read(reply: requests.Response) -> bytes:
            if reply.status_code in (404, 416):
                return b""
            if reply.status_code >= 300:
                raise WorkspaceError(f"Azure's storage answered {reply.status_code}")
            skipped = 0 if reply.status_code == 206 else start
            found = b""
            for piece in reply.iter_content(_PIECE):
                found += piece[skipped:]
                skipped = max(skipped - len(piece), 0)
                if len(found) >= most:
                    break
            return found[:most]

        # Asked for all that follows: a storage may hold an end beyond the file's against us.
        headers = {"Range": f"bytes={start}-"} if start else {}
        return self._read(read, url, headers=headers, timeout=_DOWNLOAD)

    def _read(self, read: Callable[[requests.Response], T], url: str, **how: Any) -> T:
        """Read an answer while it arrives; from the begin when it is cut off on the way."""
        for pause in (*self._pauses, None):
            try:
                with self._send("GET", url, stream=True, **how) as reply:
                    return read(reply)
            except NETWORK:
                if pause is None:
                    break
                time.sleep(pause)
        raise UnavailableError(f"Azure's answer to GET {shown(url)} was cut off")

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
