"""How a request is sent to Azure: again while Azure is busy or cannot be reached, and once more
with a new token when ours was refused. One policy, for our own requests and for the SDK's."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from gitrain.errors import UnavailableError
from gitrain.secrets.values import quoted_line
from gitrain.workspaces.azureml.http.credentials import Tokens

_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504, 530})
_TIMEOUT = (10.0, 60.0)
_LONGEST_PAUSE = 60.0
_PAUSES = (0.5, 1.0, 2.0, 4.0)
# The one request that may not be repeated blindly: it starts a run.
_START = re.compile(r"/snapshotrun$")
# Saved here, because taking over the SDK's requests replaces it.
_SEND = HTTPAdapter.send
_SETTINGS = ("stream", "timeout", "verify", "cert", "proxies")
NETWORK = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)


class Transport:
    """Sends requests until they are answered. Safe to use from several threads.

    It returns Azure's final answer: a success or a refusal. Without one it raises UnavailableError
    at the end of `pauses` (seconds before each repetition; Azure's Retry-After takes precedence).
    """

    def __init__(self, tokens: Tokens, pauses: tuple[float, ...] = _PAUSES) -> None:
        self.tokens = tokens
        self.pauses = pauses
        self._may_start: Callable[[], bool] = lambda: False

    def session(self) -> requests.Session:
        """A session that sends its requests this way. Threads must not share it."""
        session = requests.Session()
        for protocol in ("https://", "http://"):
            session.mount(protocol, _Adapter(self))
        return session

    @contextmanager
    def taking_over(self) -> Iterator[None]:
        """Within this context, every request of this process is sent this way.

        The SDK creates its own sessions, some for a single request, and takes no adapter. Its own
        retries then see no failure and never start. They ignore Retry-After, do not exist for
        environments, and last minutes for other requests.
        """

        def send(adapter: HTTPAdapter, request: Any, *given: Any, **settings: Any) -> Any:
            settings |= dict(zip(_SETTINGS, given, strict=False))
            return self.send(adapter, request, settings)

        before = HTTPAdapter.send
        HTTPAdapter.send = send  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            HTTPAdapter.send = before  # type: ignore[method-assign]

    @contextmanager
    def starting(self, absent: Callable[[], bool]) -> Iterator[None]:
        """Within this context, a request that starts a run may be repeated if it is `absent`."""
        self._may_start = absent
        try:
            yield
        finally:
            self._may_start = lambda: False

    def send(self, adapter: HTTPAdapter, request: Any, settings: Mapping[str, Any]) -> Any:
        """The answer to a request. Raises UnavailableError."""
        # The retries of urllib3, which msrest asks for, would be hidden from ours.
        adapter.max_retries = Retry(0, read=False)
        renewed = False
        pauses = iter(self.pauses if _repeatable(request) else ())
        while True:
            reply = _attempt(adapter, request, settings)
            if not renewed and self._renew(request, reply):
                renewed = True
                continue
            why = _trouble(request, reply)
            if not why:
                return reply
            pause = next(pauses, None)
            if pause is None:
                raise UnavailableError(why)
            time.sleep(_pause(reply, pause))
            if _START.search(urlsplit(request.url).path) and not self._may_start():
                raise UnavailableError(why)

    def _renew(self, request: Any, reply: Any) -> bool:
        """Whether our token was refused and the request now has a new one: the old one may have
        expired or been revoked during a long wait."""
        if isinstance(reply, Exception) or reply.status_code != 401:
            return False
        sent = str(request.headers.get("Authorization") or "").removeprefix("Bearer ")
        if not self.tokens.gave(sent):
            return False
        self.tokens.reject(sent)
        request.headers["Authorization"] = f"Bearer {self.tokens.get()}"
        return True


class _Adapter(HTTPAdapter):
    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self._transport = transport

    def send(self, request: Any, *_: Any, **settings: Any) -> Any:
        return self._transport.send(self, request, settings)


class Sessions(threading.local):
    """One session per thread: it keeps its connections, and threads must not share it."""

    def __init__(self, transport: Transport) -> None:
        self.own = transport.session()


def _repeatable(request: Any) -> bool:
    """Whether its body can be sent again: it is bytes, or a file that can be rewound."""
    return request._body_position is None or isinstance(request._body_position, int)


def _attempt(adapter: HTTPAdapter, request: Any, settings: Mapping[str, Any]) -> Any:
    """The answer, its body read unless it is streamed; or the exception raised instead."""
    if isinstance(request._body_position, int):
        # A file: from its start, each time.
        requests.utils.rewind_body(request)
    try:
        timeout = settings.get("timeout") or _TIMEOUT
        reply = _SEND(adapter, request, **{**settings, "timeout": timeout})
        if not settings.get("stream"):
            _ = reply.content
    except NETWORK as error:
        return error
    return reply


def _trouble(request: Any, reply: Any) -> str:
    """What is wrong with an outcome, if it is worth another try; "" when it is not."""
    what = f"{request.method} {shown(request.url)}"
    if isinstance(reply, requests.exceptions.ChunkedEncodingError):
        return f"Azure's answer to {what} was cut off"
    if isinstance(reply, Exception):
        return f"Azure cannot be reached ({type(reply).__name__} at {what})"
    if reply.status_code in _TRANSIENT:
        return f"Azure answered {reply.status_code} to {what}: {said(reply)}"
    if _wants_json(request) and reply.status_code == 200 and reply.content and not _is_json(reply):
        return f"Azure's answer to {what} is not JSON"
    return ""


def _wants_json(request: Any) -> bool:
    return "json" in str(request.headers.get("Accept"))


def _is_json(reply: requests.Response) -> bool:
    try:
        reply.json()
    except ValueError:
        return False
    return True


def _pause(reply: Any, usual: float) -> float:
    """What Azure asks for (Retry-After), else ours."""
    asked = "" if isinstance(reply, Exception) else reply.headers.get("Retry-After")
    if asked:
        return min(_seconds(asked, usual), _LONGEST_PAUSE)
    # Randomized, so that two clients do not retry in step.
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


def said(reply: requests.Response) -> str:
    """The message in an error's body, in one line."""
    try:
        body = reply.json()
    except ValueError:
        body = {}
    error = body.get("error") if isinstance(body, Mapping) else None
    message = error.get("message") if isinstance(error, Mapping) else ""
    return quoted_line(str(message or reply.reason or "no reason given"))


def shown(url: str) -> str:
    """An address without its query, where signatures are, and without the workspace's long path."""
    parts = urlsplit(url)
    _, found, rest = parts.path.partition(
        "/providers/Microsoft.MachineLearningServices/workspaces/"
    )
    return f"{parts.netloc}/…/{rest.partition('/')[2]}" if found else f"{parts.netloc}{parts.path}"
