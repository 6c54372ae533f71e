"""Tokens: minting them, checking them, and the part of Microsoft Entra that hands them out."""

import base64
import json
import time
import uuid
from typing import Any
from urllib.parse import parse_qs

from .answers import Answer, Refused
from .places import LOGIN_HOST, Place
from .routing import Call, routes


class Tokens:
    """JWTs that only this emulator reads. It forgets none; `expire` refuses all that exist."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.expired_at = 0.0
        self.handed_out = 0

    def mint(self, seconds: float = 3600.0, audience: str = "", job: str = "") -> str:
        """A bearer token for a client, or for the job of this run id."""
        issued = time.time()
        claims = {
            "aud": audience or "https://management.core.windows.net/",
            "iss": f"https://sts.windows.net/{self.place.tenant}/",
            "tid": self.place.tenant,
            "oid": self.place.client_id,
            "appid": self.place.client_id,
            "iat": int(issued),
            "exp": int(issued + seconds),
            "issued": issued,
            "job": job,
            "jti": str(uuid.uuid4()),
        }
        parts = ({"alg": "RS256", "typ": "JWT", "kid": "emulated"}, claims)
        return ".".join([*(_encode(json.dumps(part).encode()) for part in parts), "c2lnbmVk"])

    def expire(self) -> None:
        """Answer 401 to every client's token that was handed out until now."""
        self.expired_at = time.time()

    def read(self, authorization: str) -> dict[str, Any] | None:
        """A token's claims; None when it is absent, not a token, expired or not ours."""
        try:
            claims = json.loads(_decode(authorization.removeprefix("Bearer ").split(".")[1]))
        except (IndexError, ValueError):
            return None
        if claims.get("tid") != self.place.tenant or claims.get("exp", 0) < time.time():
            return None
        if not claims.get("job") and claims.get("issued", time.time()) <= self.expired_at:
            return None
        return claims


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def openid_configuration(service: Any, call: Call) -> Answer:
    base = f"https://{LOGIN_HOST}/{call['tenant']}"
    return Answer(
        body={
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
        }
    )


def instance_discovery(service: Any, call: Call) -> Answer:
    names = [LOGIN_HOST, "login.windows.net", "login.microsoft.com", "sts.windows.net"]
    cloud = {"preferred_network": LOGIN_HOST, "preferred_cache": names[1], "aliases": names}
    address = f"https://{LOGIN_HOST}/{service.place.tenant}/v2.0/.well-known/openid-configuration"
    return Answer(body={"tenant_discovery_endpoint": address, "metadata": [cloud]})


def token(service: Any, call: Call) -> Answer:
    """Client credentials: by the secret, or by an assertion of GitHub's (any is believed)."""
    form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
    place: Place = service.place
    known = form.get("client_id") == place.client_id and call["tenant"] == place.tenant
    if not known or not (
        form.get("client_secret") == place.client_secret or form.get("client_assertion")
    ):
        text = "AADSTS7000215: Invalid client secret provided."
        return Answer(401, {"error": "invalid_client", "error_description": text})
    service.tokens.handed_out += 1
    seconds = service.switches.token_seconds
    audience = form.get("scope", form.get("resource", "")).removesuffix("/.default")
    body = {
        "token_type": "Bearer",
        "expires_in": int(seconds),
        "ext_expires_in": int(seconds),
        "expires_on": str(int(time.time() + seconds)),
        "access_token": service.tokens.mint(seconds, audience),
    }
    return Answer(body=body)


def authorize(service: Any, call: Call) -> None:
    """Let a request with a valid token pass, and note whether a job sent it."""
    claims = service.tokens.read(call.headers.get("authorization", ""))
    if claims is None and service.switches.tokens_required:
        text = "The access token is missing, expired or invalid."
        raise Refused(401, text, "InvalidAuthenticationToken")
    call.source = "job" if claims and claims.get("job") else "client"


ROUTES = routes(
    "token",
    ("GET /{tenant}/v2.0/.well-known/openid-configuration", openid_configuration),
    ("GET /common/discovery/instance", instance_discovery),
    ("POST /{tenant}/oauth2/v2.0/token", token),
    ("POST /{tenant}/oauth2/token", token),
    open_to_all=True,
)
