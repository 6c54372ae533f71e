"""The HTTP side: reading requests, CONNECT with our own TLS, faults, and sending answers."""

import socket
import struct
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .answers import Answer, problem
from .dispatch import Outcome, answer
from .faults import Fault
from .routing import Call
from .service import Service


class Server(ThreadingHTTPServer):
    """One thread per connection; connections are many and short with this SDK."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, service: Service, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.service = service

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is part of the tests."""


class Handler(BaseHTTPRequestHandler):
    """One connection, plain or, after a CONNECT, with TLS."""

    protocol_version = "HTTP/1.1"
    server: Server
    tunnel = ""

    def log_message(self, *words: Any) -> None:
        """The request log says it all."""

    def do_CONNECT(self) -> None:
        service = self.server.service
        host = self.path.rsplit(":", 1)[0].lower()
        known = host in service.place.hosts
        service.requests.connect(host, known)
        if not known:
            self.close_connection = True
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        self.wfile.write(b"HTTP/1.1 200 Connection Established\r\n\r\n")
        self.connection = service.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.tunnel = host
        self.close_connection = False

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def _serve(self) -> None:
        call = self._read()
        outcome = answer(self.server.service, call)
        fault = outcome.fault
        if fault and self._struck_silent(fault):
            self._note(call, outcome, 0)
            return
        reply = outcome.answer
        if fault and fault.status is not None:
            reply = _injected(fault)
        body, content_type = reply.encoded()
        reply = Answer(reply.status, body, {"Content-Type": content_type, **reply.headers})
        # Noted first: a client that has its answer may look at the log at once.
        self._note(call, outcome, reply.status, len(body))
        self._send(reply, truncate=bool(fault and fault.truncate))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _read(self) -> Call:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = self._chunks()
        else:
            body = self.rfile.read(int(headers.get("content-length", 0)))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        host = self.tunnel or headers.get("host", "").lower()
        path = parts.path.replace("//", "/") if parts.path.startswith("//") else parts.path
        return Call(self.command, host, path, query, headers, body)

    def _chunks(self) -> bytes:
        pieces = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def _struck_silent(self, fault: Fault) -> bool:
        """Do what the fault does to the connection; whether there is no answer any more."""
        if fault.when == "after":
            time.sleep(fault.delay)
        if fault.kill:
            self._kill()
        if not (fault.kill or fault.reset):
            return False
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        return True

    def _kill(self) -> None:
        service = self.server.service
        try:
            service.faults.kill_client(self.client_address[1])
        except LookupError as error:
            service.defects.append(str(error))

    def _send(self, reply: Answer, truncate: bool) -> None:
        body, content_type = reply.encoded()
        headers = {"Content-Type": content_type, "x-ms-request-id": "emulated", **reply.headers}
        headers.setdefault("Content-Length", str(len(body)))
        if reply.status == 204:
            headers.pop("Content-Length")
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        if truncate:
            self.close_connection = True
            body = body[: len(body) // 2]
        self.end_headers_with(b"" if self.command == "HEAD" else body)

    def end_headers_with(self, body: bytes) -> None:
        """Head and body in one write: two would wait for each other's acknowledgement."""
        head = b"".join(self._headers_buffer) + b"\r\n"
        self._headers_buffer = []
        self.wfile.write(head + body)

    def _note(self, call: Call, outcome: Outcome, status: int, size: int = 0) -> None:
        if outcome.kind == "control":
            return
        self.server.service.requests.add(
            method=call.method,
            host=call.host,
            path=call.path,
            query="&".join(f"{key}={value}" for key, value in call.query.items()),
            kind=outcome.kind,
            reads=outcome.reads,
            source=call.source,
            status=status,
            size=len(call.body) + size,
        )


def _injected(fault: Fault) -> Answer:
    body = fault.body if fault.body is not None else problem(fault.status, "Injected fault.").body
    body = body.encode() if isinstance(body, str) else body
    return Answer(fault.status, body, dict(fault.headers))
