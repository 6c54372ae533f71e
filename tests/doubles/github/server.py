"""The HTTP side: a request, the fault that strikes it, its route, its answer."""

from __future__ import annotations

import socket
import struct
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.doubles.azure.answers import Answer
from tests.doubles.azure.faults import Fault
from tests.doubles.azure.routing import Call, find

from . import issues, pulls, statuses, viewer
from .tokens import Denied, token_of

TABLE = (*issues.ROUTES, *pulls.ROUTES, *statuses.ROUTES, *viewer.ROUTES)


class Server(ThreadingHTTPServer):
    """A thread a connection."""

    daemon_threads = True

    def __init__(self, hub: Any, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.hub = hub

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is part of the tests."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, *words: Any) -> None:
        """`GitHub.requests` says it all."""

    def _serve(self) -> None:
        hub = self.server.hub
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        call = Call(self.command, headers.get("host", ""), parts.path, query, headers, body)
        found = find(TABLE, call.method, hub.routed(call.path))
        fault = hub.faults.strike(call, found[0].kind if found else "unknown")
        if fault and fault.when == "before":
            time.sleep(fault.delay)
        reply = Answer()
        if not (fault and fault.when == "before" and (fault.reset or fault.status)):
            reply = self._answer(call, found)
        if fault and fault.reset:
            hub.note(call.method, call.path, parts.query, 0)
            self._reset()
            return
        if fault and fault.status:
            reply = _injected(fault)
        hub.note(call.method, call.path, parts.query, reply.status)
        self._send(reply)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve

    def _answer(self, call: Call, found: Any) -> Answer:
        hub = self.server.hub
        try:
            token = token_of(hub.tokens, call)
            if found is None:
                hub.unknown.append(f"{call.method} {call.path}")
                raise Denied(404, "Not Found")
            route, call.found = found
            if "owner" in call.found and (call["owner"], call["repo"]) != (hub.owner, hub.name):
                raise Denied(404, "Not Found")
            with hub.lock:
                answer: Answer = route.handle(hub, call, token)
                return answer
        except Denied as denied:
            return denied.answer
        except Exception:  # a defect of the imitation must reach the test, not hang it
            hub.defects.append(traceback.format_exc())
            return Answer(500, {"message": traceback.format_exc()})

    def _send(self, reply: Answer) -> None:
        body, content_type = reply.encoded()
        self.send_response(reply.status)
        headers = {"Content-Type": content_type, "X-RateLimit-Remaining": "4999", **reply.headers}
        if reply.status != 204:
            headers["Content-Length"] = str(len(body))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _reset(self) -> None:
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def _injected(fault: Fault) -> Answer:
    body = fault.body if fault.body is not None else {"message": "Injected fault."}
    return Answer(fault.status or 500, body, dict(fault.headers))
