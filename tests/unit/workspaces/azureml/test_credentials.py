"""Who we are to Azure: in order, never interactive, and said clearly when it is nobody."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from gitrain.errors import UnavailableError, WorkspaceError
from gitrain.workspaces.azureml.http.credentials import (
    CommandLine,
    Federated,
    Principal,
    Tokens,
    choose,
    open_credential,
    refusal,
)

SDK = {
    "AZUREML_SERVICE_PRINCIPAL_TENANT_ID": "t1",
    "AZUREML_SERVICE_PRINCIPAL_ID": "c1",
    "AZUREML_SERVICE_PRINCIPAL_PASSWORD": "s1",
}
WHO = {"AZURE_TENANT_ID": "t2", "AZURE_CLIENT_ID": "c2"}
SECRET = {**WHO, "AZURE_CLIENT_SECRET": "s2"}
GITHUB = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "http://x",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "tok",
    "GITHUB_ACTIONS": "true",
}


@pytest.mark.parametrize(
    ("environ", "az", "chosen"),
    [
        (SDK | SECRET | WHO | GITHUB, True, Principal("t1", "c1", "s1")),
        (SECRET | GITHUB, True, Principal("t2", "c2", "s2")),
        (WHO | GITHUB, True, Federated("t2", "c2", "http://x", "tok")),
        (WHO, True, CommandLine()),
        (GITHUB, True, CommandLine()),
        ({}, True, CommandLine()),
    ],
)
def test_the_first_that_is_complete_is_taken(
    environ: dict[str, str], az: bool, chosen: object
) -> None:
    assert choose(environ, az=az) == chosen


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "az login"),
        (WHO, "missing: AZURE_CLIENT_SECRET"),
        ({**WHO, "GITHUB_ACTIONS": "true"}, "has no `permissions: {id-token: write}`"),
        ({"AZUREML_SERVICE_PRINCIPAL_ID": "c"}, "AZUREML_SERVICE_PRINCIPAL_TENANT_ID and"),
    ],
)
def test_what_is_missing_is_named_with_the_cure(environ: dict[str, str], said: str) -> None:
    with pytest.raises(WorkspaceError, match="no credentials for Azure") as caught:
        choose(environ, az=False)

    assert any(said in line for line in caught.value.lines)
    assert not any("\n" in line for line in caught.value.lines)


def test_no_secret_is_in_a_credentials_text() -> None:
    shown = repr(Principal("t", "c", "the-secret")) + repr(Federated("t", "c", "u", "the-secret"))

    assert "the-secret" not in shown


@pytest.mark.parametrize("name", ["ClientAuthenticationError", "ServiceRequestError"])
def test_an_unreachable_directory_is_an_outage_and_a_refusal_is_none(name: str) -> None:
    from azure.core import exceptions

    error = refusal(getattr(exceptions, name)("said"))

    assert isinstance(error, UnavailableError) is (name == "ServiceRequestError")
    assert "said" in str(error)


@pytest.fixture
def github() -> Iterator[Any]:
    """GitHub's side: counts the assertions it hands out."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path + " " + self.headers["Authorization"])
            body = json.dumps({"value": f"assertion-{len(asked)}"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: Any) -> None: ...

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    server.asked = asked  # type: ignore[attr-defined]
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_every_assertion_is_a_fresh_one(github: Any) -> None:
    """One lives for minutes: that of the job's start is long over when a run has ended."""
    port = github.server_address[1]
    environ = WHO | GITHUB | {"ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{port}/?v=1"}
    credential: Any = open_credential(environ)

    first, second = credential._func(), credential._func()

    assert (first, second) == ("assertion-1", "assertion-2")
    assert github.asked[0] == "/?v=1&audience=api%3A%2F%2FAzureADTokenExchange Bearer tok"


def test_a_token_is_kept_while_it_lives() -> None:
    class Given:
        def __init__(self) -> None:
            self.asked = 0

        def get_token(self, *scopes: str) -> Any:
            self.asked += 1
            return type("T", (), {"token": f"{self.asked}", "expires_on": 9_999_999_999})()

    given = Given()
    tokens = Tokens(lambda: given, "scope")

    assert [tokens.get(), tokens.get()] == ["1", "1"]
    tokens.reject("another")
    assert tokens.get() == "1"
    tokens.reject("1")
    assert tokens.get() == "2"
