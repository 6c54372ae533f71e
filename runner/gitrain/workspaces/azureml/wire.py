"""JSON over HTTP to Azure ML: tokens, retries, and errors that say what they mean."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests

from gitrain.errors import UnavailableError, WorkspaceError
from gitrain.workspaces.azureml.credentials import Tokens

_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504, 530})
_TIMEOUT = (10.0, 60.0)
_LONGEST_PAUSE = 60.0
_PAUSES = (0.5, 1.0, 2.0, 4.0)


class NotFoundError(WorkspaceError):
    """Azure said that there is no such thing: the one answer that means absence."""


class Reply(msgspec.Struct, frozen=True):
    """An answer with a status below 400."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Wire:
    """Requests with our token. Safe to use from several threads.

    What is asked here may be asked twice: every request reads, or sets something to what it is.
    """

    def __init__(self, tokens: Tokens, pauses: tuple[float, ...] = _PAUSES) -> None:
        self._tokens = tokens
        self._pauses = pauses
        self._local = threading.local()

    def get(self, url: str, **params: str) -> Any:
        """The JSON of a resource. Raises NotFoundError when there is none."""
        return self.call("GET", url, params=params).body

    def find(self, url: str, **params: str) -> Any | None:
        """The JSON of a resource; None when there is none."""
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
        """Every item that a `:query` answers, page after page."""
        asked = dict(question)
        while True:
            body = self.call("POST", url, asked).body
            yield from body.get("value") or ()
            if not body.get("continuationToken"):
                return
            asked["continuationToken"] = body["continuationToken"]

    def content(self, url: str) -> bytes | None:
        """The bytes of a file; None when there is none."""
        reply = self._answer("GET", url, None, None, _busy)
        try:
            _judge(reply, "GET", url)
        except NotFoundError:
            return None
        return bytes(reply.content)

    def call(
        self, method: str, url: str, body: Any = None, params: Mapping[str, str] | None = None
    ) -> Reply:
        """One request, again while Azure is busy or cannot be reached, and once with a new token.

        Raises NotFoundError (404), UnavailableError (it could not be asked), WorkspaceError (it
        refuses).
        """
        reply = self._answer(method, url, body, params, lambda r: _busy(r) or _truncated(r))
        _judge(reply, method, url)
        try:
            found = reply.json() if reply.content else None
        except ValueError:
            what = f"{method} {_safe(url)}"
            raise UnavailableError(f"Azure ML's answer to {what} is no JSON") from None
        return Reply(reply.status_code, found, reply.headers)

    def _answer(
        self,
        method: str,
        url: str,
        body: Any,
        params: Mapping[str, str] | None,
        again: Callable[[Any], bool],
    ) -> Any:
        """The last answer, or the exception that came in its place."""
        renewed = False
        for pause in (*self._pauses, None):
            reply, token = self._send(method, url, body, params)
            if isinstance(reply, requests.Response) and reply.status_code == 401 and not renewed:
                # It may have expired or been revoked in the middle of a long wait.
                renewed = True
                self._tokens.reject(token)
                reply, token = self._send(method, url, body, params)
            if not again(reply) or pause is None:
                break
            time.sleep(_pause(reply, pause))
        return reply

    def _send(
        self, method: str, url: str, body: Any, params: Mapping[str, str] | None
    ) -> tuple[Any, str]:
        token = self._tokens.get()
        try:
            reply = self._session().request(
                method,
                url,
                params=params or None,
                json=body,
                headers={"Authorization": f"Bearer {token}"},
                timeout=_TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return error, token
        return reply, token

    def _session(self) -> requests.Session:
        """One for each thread: a session keeps its connections, and is not made to be shared."""
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
        session: requests.Session = self._local.session
        return session


def _busy(reply: Any) -> bool:
    if isinstance(reply, requests.RequestException):
        return isinstance(
            reply,
            requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError,
        )
    return reply.status_code in _TRANSIENT


def _truncated(reply: Any) -> bool:
    if isinstance(reply, Exception) or reply.status_code != 200 or not reply.content:
        return False
    try:
        reply.json()
    except ValueError:
        return True
    return False


def _pause(reply: Any, usual: float) -> float:
    """What Azure asks for (Retry-After), else ours."""
    asked = reply.headers.get("Retry-After") if isinstance(reply, requests.Response) else None
    if asked:
        return min(_seconds(asked, usual), _LONGEST_PAUSE)
    # Some chance in it, so that two clients do not keep step.
    return usual * random.uniform(0.8, 1.2)


def _seconds(text: str, otherwise: float) -> float:
    try:
        return max(float(text), 0.0)
    except ValueError:
        pass
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except (TypeError, ValueError):
        return otherwise


ROLE_HINT = "does the identity have the role AzureML Data Scientist in this workspace?"


def _judge(reply: Any, method: str, url: str) -> None:
    """Raise what an answer other than success means."""
    what = f"{method} {_safe(url)}"
    if isinstance(reply, requests.RequestException):
        raise UnavailableError(f"Azure ML cannot be reached ({type(reply).__name__} at {what})")
    status = reply.status_code
    if status in _TRANSIENT:
        raise UnavailableError(f"Azure ML answers {status} to {what}: {said(reply)}")
    if status == 404:
        raise NotFoundError(f"{said(reply)} ({what})")
    if status in (401, 403):
        raise WorkspaceError(
            f"Azure does not let us: {said(reply)} ({status} to {what}); {ROLE_HINT}"
        )
    if status >= 300:
        raise WorkspaceError(f"Azure ML refuses: {said(reply)} ({status} to {what})")


def said(reply: requests.Response) -> str:
    """The message in an error's body, in one line."""
    try:
        body = reply.json()
    except ValueError:
        body = {}
    error = body.get("error") if isinstance(body, Mapping) else None
    message = error.get("message") if isinstance(error, Mapping) else ""
    return " ".join(str(message or reply.reason or "no reason given").split())[:400]


def _safe(url: str) -> str:
    """An address without its query, where signatures are, and without the workspace's long path."""
    parts = urlsplit(url)
    _, found, rest = parts.path.partition(
        "/providers/Microsoft.MachineLearningServices/workspaces/"
    )
    return f"{parts.netloc}/…/{rest.partition('/')[2]}" if found else f"{parts.netloc}{parts.path}"
