"""GitHub's OIDC endpoint on the loopback: assertions of who a job is, for jobs that may ask."""

from __future__ import annotations

import base64
import itertools
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Issuer:
    """A context manager. `asked` has the subject of every assertion that was handed out."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.handed_out: list[str] = []
        self._subjects: dict[str, str] = {}
        self._numbers = itertools.count(1)
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *words: Any) -> None:
                pass

            def do_GET(self) -> None:
                status, body = issuer.answer(self.path, self.headers.get("authorization", ""))
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self) -> Issuer:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def admit(self, subject: str) -> dict[str, str]:
        """The variables with which a job asks for assertions about itself."""
        token = f"request-token-{next(self._numbers)}"
        self._subjects[token] = subject
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{self._server.server_port}/token?v=2",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": token,
        }

    def answer(self, path: str, authorization: str) -> tuple[int, dict[str, str]]:
        audience = parse_qs(urlsplit(path).query).get("audience", [""])[0]
        subject = self._subjects.get(authorization.removeprefix("Bearer "))
        if subject is None:
            return 401, {"message": "the token is not one of a job"}
        claims = {"sub": subject, "aud": audience, "iss": "https://token.actions.example"}
        self.asked.append(subject)
        self.handed_out.append(".".join(("e30", _encoded(claims), "c2lnbmVk")))
        return 200, {"value": self.handed_out[-1]}


def _encoded(claims: dict[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
