"""Our credentials for Azure: the first that the environment offers. Never interactive."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from gitrain.errors import UnavailableError, WorkspaceError
from gitrain.secrets.values import quoted_line

_EARLY = 300.0
_TIMEOUT = 30.0
_AUDIENCE = "api://AzureADTokenExchange"
# The SDK's own names come before Azure's: if they are set, they are meant for Azure ML.
_PRINCIPALS = (
    (
        "AZUREML_SERVICE_PRINCIPAL_TENANT_ID",
        "AZUREML_SERVICE_PRINCIPAL_ID",
        "AZUREML_SERVICE_PRINCIPAL_PASSWORD",
    ),
    ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"),
)
_OIDC = ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")

_HOW = (
    "a service principal: set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
    "GitHub Actions without a secret: set AZURE_TENANT_ID and AZURE_CLIENT_ID, and give the job "
    "`permissions: {id-token: write}`",
    "your own account: install the Azure CLI and run `az login`",
)


class Principal(msgspec.Struct, frozen=True):
    """A service principal with its secret."""

    tenant: str
    client: str
    secret: str

    def __repr__(self) -> str:
        return f"Principal({self.tenant}, {self.client}, ***)"


class Federated(msgspec.Struct, frozen=True):
    """A service principal that trusts GitHub's word for who runs this job."""

    tenant: str
    client: str
    url: str
    token: str

    def __repr__(self) -> str:
        return f"Federated({self.tenant}, {self.client}, ***)"


class CommandLine(msgspec.Struct, frozen=True):
    """The account that is logged in to the az CLI."""


Choice = Principal | Federated | CommandLine


class AccessToken(Protocol):
    """What every credential of azure-identity returns."""

    @property
    def token(self) -> str: ...

    @property
    def expires_on(self) -> int: ...


class Credential(Protocol):
    """What every credential of azure-identity is."""

    def get_token(self, *scopes: str) -> AccessToken: ...


def choose(environ: Mapping[str, str], *, az: bool) -> Choice:
    """The first credential whose variables are complete. Raises WorkspaceError that says which are
    missing, and how to get them. `az` says whether the az CLI is installed."""
    for names in _PRINCIPALS:
        tenant, client, secret = (environ.get(name, "") for name in names)
        if tenant and client and secret:
            return Principal(tenant, client, secret)
    tenant, client = environ.get("AZURE_TENANT_ID", ""), environ.get("AZURE_CLIENT_ID", "")
    url, token = (environ.get(name, "") for name in _OIDC)
    if tenant and client and url and token:
        return Federated(tenant, client, url, token)
    if az:
        return CommandLine()
    error = WorkspaceError("no credentials for Azure. One of these is needed:")
    for line in (*_HOW, *_missing(environ)):
        error.add_note(line)
    raise error


def _missing(environ: Mapping[str, str]) -> list[str]:
    """What is missing from a credential that is only partly set."""
    found = []
    for names in _PRINCIPALS:
        lacking = [name for name in names if not environ.get(name)]
        if 0 < len(lacking) < len(names):
            found.append(f"missing: {' and '.join(lacking)} (the rest of that group is set)")
    if environ.get("GITHUB_ACTIONS") and not environ.get(_OIDC[0]):
        found.append("this GitHub Actions job has no `permissions: {id-token: write}`")
    return found


def open_credential(environ: Mapping[str, str]) -> Credential:
    """The credential of azure-identity for what the environment offers."""
    from azure import identity

    choice = choose(environ, az=shutil.which("az") is not None)
    match choice:
        case Principal(tenant, client, secret):
            return identity.ClientSecretCredential(tenant, client, secret)
        case Federated(tenant, client):
            return identity.ClientAssertionCredential(
                tenant, client, lambda: _assertion(choice.url, choice.token)
            )
        case CommandLine():
            return identity.AzureCliCredential(process_timeout=int(_TIMEOUT))


def _assertion(url: str, token: str) -> str:
    """A fresh assertion from GitHub: one is valid for minutes, but a wait for a run takes hours."""
    import requests

    try:
        reply = requests.get(
            url,
            params={"audience": _AUDIENCE},
            headers={"Authorization": f"Bearer {token}"},
            timeout=_TIMEOUT,
        )
        reply.raise_for_status()
        return str(reply.json()["value"])
    except (requests.RequestException, ValueError, KeyError) as error:
        raise UnavailableError(
            f"GitHub gave no OIDC token ({type(error).__name__}): does the job have "
            "`permissions: {id-token: write}`?"
        ) from None


class Tokens:
    """Access tokens for Azure, fetched again some minutes before they expire.

    Safe to use from several threads.
    """

    def __init__(self, credential: Callable[[], Credential], scope: str) -> None:
        self._open = credential
        self._scope = scope
        self._lock = threading.Lock()
        self._credential: Credential | None = None
        self._token = ""
        self._until = 0.0
        self._given: set[str] = set()

    def get(self) -> str:
        """A token that stays valid for a while. Raises WorkspaceError when Azure gives us none."""
        with self._lock:
            if time.time() >= self._until:
                self._fetch()
            return self._token

    def gave(self, token: str) -> bool:
        """Whether a token came from here."""
        return token in self._given

    def reject(self, token: str) -> None:
        """Forget a token that Azure did not accept."""
        with self._lock:
            if token == self._token:
                self._until = 0.0

    def _fetch(self) -> None:
        from azure.core.exceptions import AzureError

        try:
            self._credential = self._credential or self._open()
            fetched = self._credential.get_token(self._scope)
        except AzureError as error:
            raise refusal(error) from None
        now = time.time()
        self._token = fetched.token
        self._given.add(fetched.token)
        # A short-lived token is fetched again halfway through its life.
        self._until = fetched.expires_on - min(_EARLY, (fetched.expires_on - now) / 2)


def refusal(error: Exception) -> WorkspaceError:
    """What a failure to get a token means. Azure's text contains no secret, but may be long."""
    from azure.core.exceptions import ServiceRequestError, ServiceResponseError

    said = quoted_line(str(error))
    if isinstance(error, ServiceRequestError | ServiceResponseError):
        return UnavailableError(f"Microsoft Entra cannot be reached: {said}")
    if "az login" in said or "AzureCliCredential" in said:
        return WorkspaceError(
            "the az CLI is not logged in: run `az login`, or set AZURE_TENANT_ID, "
            "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
        )
    return WorkspaceError(f"Microsoft Entra gave no token: {said}")
