"""Subscriptions, the workspace itself, discovery, and the cloud's metadata."""

import base64
from typing import Any

from .answers import Answer
from .blobstore import KEY
from .places import LOGIN_HOST, Place
from .routing import Call, routes


def subscriptions(service: Any, call: Call) -> Answer:
    place = service.place
    one = {
        "id": f"/subscriptions/{place.subscription}",
        "subscriptionId": place.subscription,
        "displayName": "Emulated",
        "state": "Enabled",
        "tenantId": place.tenant,
    }
    return Answer(body={"value": [one], "count": {"type": "Total", "value": 1}})


def workspace(service: Any, call: Call) -> Answer:
    return Answer(body=_workspace(service.place))


def list_workspaces(service: Any, call: Call) -> Answer:
    return Answer(body={"value": [_workspace(service.place)]})


def keys(service: Any, call: Call) -> Answer:
    """The storage account's key, with which the SDK uploads the folder of an image."""
    resource = _workspace(service.place)["properties"]["storageAccount"]
    key = base64.b64encode(KEY).decode()
    return Answer(body={"userStorageKey": key, "userStorageResourceId": resource})


def _workspace(place: Place) -> dict[str, Any]:
    resources = f"/subscriptions/{place.subscription}/resourceGroups/{place.group}/providers"
    return {
        "id": place.scope,
        "name": place.workspace,
        "type": "Microsoft.MachineLearningServices/workspaces",
        "location": place.region,
        "tags": {},
        "sku": {"name": "Basic", "tier": "Basic"},
        "identity": {"type": "SystemAssigned", "principalId": "0", "tenantId": place.tenant},
        "properties": {
            "workspaceId": place.workspace_id,
            "discoveryUrl": f"{place.services}/discovery",
            "storageAccount": f"{resources}/Microsoft.Storage/storageAccounts/{place.account}",
            "keyVault": f"{resources}/Microsoft.KeyVault/vaults/emulated",
            "applicationInsights": f"{resources}/Microsoft.Insights/components/emulated",
            "containerRegistry": None,
            "provisioningState": "Succeeded",
            "friendlyName": place.workspace,
            "description": "",
            "creationTime": "2026-01-01T00:00:00.000Z",
            "hbiWorkspace": False,
        },
    }


def discovery(service: Any, call: Call) -> Answer:
    names = ("api", "history", "experimentation", "modelmanagement", "hyperdrive", "studio")
    return Answer(body=dict.fromkeys(names, service.place.services))


def cloud_metadata(service: Any, call: Call) -> Answer:
    """What ARM_CLOUD_METADATA_URL points at in the plain http mode."""
    place = service.place
    cloud = {
        "name": "AzureCloud",
        "portal": "https://portal.azure.com",
        "resourceManager": place.arm,
        "authentication": {
            "loginEndpoint": f"https://{LOGIN_HOST}",
            "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "graphAudience": "https://graph.windows.net/",
        "batch": "https://batch.core.windows.net/",
        "suffixes": {
            "storage": "core.windows.net",
            "keyVaultDns": "vault.azure.net",
            "sqlServerHostname": "database.windows.net",
            "acrLoginServer": "azurecr.io",
        },
    }
    return Answer(body=[cloud])


ROUTES = (
    *routes(
        "arm",
        ("GET /subscriptions", subscriptions),
        ("GET {ws}", workspace),
        ("POST? {ws}/listKeys", keys),
        (
            "GET /subscriptions/{subscription}/resourceGroups/{group}/providers"
            "/Microsoft.MachineLearningServices/workspaces",
            list_workspaces,
        ),
    ),
    *routes("arm", ("GET /rp/workspaces{ws}", workspace)),
    *routes(
        "discovery",
        ("GET /discovery", discovery),
        ("GET /discovery/{rest*}", discovery),
        ("GET /metadata/endpoints", cloud_metadata),
        open_to_all=True,
    ),
)
