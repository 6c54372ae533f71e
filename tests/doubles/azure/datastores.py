"""Datastores: names for containers of the storage account."""

import base64
import re
from pathlib import Path
from typing import Any

from .answers import Answer, Refused
from .blobstore import ARTIFACTS, KEY
from .routing import Call, routes

BASE = "/datastore/v1.0{ws}"
DEFAULT = "workspaceblobstore"
PATHS = re.compile(r"azureml://(?:subscriptions/.+/)?datastores/([^/]+)/paths/(.*)")


def defaults(service: Any) -> dict[str, dict[str, Any]]:
    """The datastores that every workspace has."""
    blob = service.blobs.container
    return {
        DEFAULT: _body(service, DEFAULT, blob),
        "workspaceartifactstore": _body(service, "workspaceartifactstore", ARTIFACTS),
        "workspacefilestore": _body(
            service, "workspacefilestore", "azureml-filestore", "AzureFile"
        ),
    }


def _body(service: Any, name: str, container: str, kind: str = "AzureBlob") -> dict[str, Any]:
    return {
        "name": name,
        "dataStoreType": kind,
        "hasBeenValidated": True,
        "tags": {},
        "azureStorageSection": {
            "accountName": service.place.account,
            "containerName": container,
            "endpoint": "core.windows.net",
            "protocol": "https",
            "credentialType": "AccountKey",
            "credential": base64.b64encode(KEY).decode(),
            "accountKey": base64.b64encode(KEY).decode(),
            "sasToken": None,
            "isSas": False,
            "blobCacheTimeout": 0,
            "subscriptionId": service.place.subscription,
            "resourceGroup": service.place.group,
            "serviceDataAccessAuthIdentity": "None",
        },
    }


def _find(service: Any, name: str) -> dict[str, Any]:
    if name not in service.state.datastores:
        raise Refused(404, f"Could not find datastore with name: {name}", "NotFound")
    return service.state.datastores[name]


def folder(service: Any, uri: str) -> Path:
    """Where `azureml://datastores/D/paths/P` or `D/P` lies on disk."""
    match = PATHS.fullmatch(uri)
    name, path = match.groups() if match else uri.split("/", 1)
    container = _find(service, name)["azureStorageSection"]["containerName"]
    return service.blobs.path(container, path.strip("/"))


def list_all(service: Any, call: Call) -> Answer:
    return Answer(
        body={"value": list(service.state.datastores.values()), "continuationToken": None}
    )


def get(service: Any, call: Call) -> Answer:
    return Answer(body=_find(service, call["name"]))


def get_default(service: Any, call: Call) -> Answer:
    return Answer(body=_find(service, service.state.default_datastore))


def set_default(service: Any, call: Call) -> Answer:
    service.state.default_datastore = _find(service, call["name"])["name"]
    return Answer(200)


def create(service: Any, call: Call) -> Answer:
    sent = call.json()
    service.state.datastores[sent["name"]] = sent
    return Answer(body=sent)


def delete(service: Any, call: Call) -> Answer:
    service.state.datastores.pop(call["name"], None)
    return Answer(200)


def arm_datastore(service: Any, call: Call) -> Answer:
    """A datastore through ARM, without its key."""
    section = _find(service, call["name"])["azureStorageSection"]
    properties = {
        "datastoreType": "AzureBlob",
        "accountName": section["accountName"],
        "containerName": section["containerName"],
        "isDefault": call["name"] == service.state.default_datastore,
        "credentials": {"credentialsType": "AccountKey"},
    }
    identity = f"{service.place.scope}/datastores/{call['name']}"
    return Answer(body={"id": identity, "name": call["name"], "properties": properties})


ROUTES = routes(
    "datastore",
    (f"GET {BASE}/datastores", list_all),
    (f"POST {BASE}/datastores", create),
    (f"GET {BASE}/datastores/{{name}}", get),
    (f"PUT {BASE}/datastores/{{name}}", create),
    (f"DELETE {BASE}/datastores/{{name}}", delete),
    (f"GET {BASE}/default", get_default),
    (f"PUT {BASE}/default/{{name}}", set_default),
    ("GET {ws}/datastores/{name}", arm_datastore),
)
