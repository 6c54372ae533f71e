"""Which workspace it is, and the addresses of its services."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from gitrain.errors import WorkspaceError
from gitrain.workspace_types import AzuremlWorkspace
from gitrain.workspaces.azureml.http.requests import NotFoundError, Wire

CLOUD = "AZUREML_CURRENT_CLOUD"
# Passed to the SDK as well: without a name it asks management.azure.com, for up to half a minute.
_CLOUDS = {
    "AzureCloud": "https://management.azure.com",
    "AzureChinaCloud": "https://management.chinacloudapi.cn",
    "AzureUSGovernment": "https://management.usgovcloudapi.net",
}
_ARM_WORKSPACE = "2022-05-01"
_ARM_ASSETS = "2023-04-01"
_ARM_COMPUTE = "2020-02-02"


class Target(msgspec.Struct, frozen=True):
    """A workspace by its names in Azure."""

    subscription: str
    group: str
    name: str

    @property
    def scope(self) -> str:
        """Its ARM id."""
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/{quote(self.group)}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{quote(self.name)}"
        )


def target(name: str, spec: AzuremlWorkspace, root: Path) -> Target:
    """The workspace that a project's `workspaces.NAME` refers to. Raises WorkspaceError."""
    if spec.config:
        return _from_file(root / spec.config, spec.config)
    given = Target(spec.subscription_id, spec.resource_group, spec.workspace_name)
    lacking = [
        field
        for field in ("subscription_id", "resource_group", "workspace_name")
        if not getattr(spec, field)
    ]
    if lacking:
        raise WorkspaceError(
            f"workspace {name}: set `config` to its config.json (Azure ML studio, Download config "
            f"file), or {', '.join(lacking)}"
        )
    return given


def _from_file(path: Path, shown: str) -> Target:
    try:
        body = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise WorkspaceError(
            f"cannot read {shown} ({error.strerror}): download it in Azure ML studio (Download "
            "config file)"
        ) from None
    except ValueError as error:
        raise WorkspaceError(f"{shown} is not valid JSON: {error}") from None
    names = ("subscription_id", "resource_group", "workspace_name")
    if not isinstance(body, dict) or not all(isinstance(body.get(n), str) for n in names):
        raise WorkspaceError(f"{shown} must have {', '.join(names)}")
    return Target(*(body[name] for name in names))


def cloud(environ: Mapping[str, str] = os.environ) -> str:
    """The name of the cloud: the public one, unless the environment says otherwise."""
    name = environ.get(CLOUD) or "AzureCloud"
    if name not in _CLOUDS:
        raise WorkspaceError(f"{CLOUD} is {name!r}; it must be one of {', '.join(_CLOUDS)}")
    return name


def resource_endpoint(environ: Mapping[str, str] = os.environ) -> str:
    """The address of Azure Resource Manager's API in this cloud."""
    return _CLOUDS[cloud(environ)]


class Connection:
    """A workspace that answered: its location, and the addresses of what is in it."""

    def __init__(self, where: Target, arm: str, body: Mapping[str, Any], hosts: Mapping[str, str]):
        self.target = where
        self.region = str(body.get("location") or "")
        self.tenant = str((body.get("identity") or {}).get("tenantId") or "")
        self._arm = arm
        self._hosts = hosts

    def service(self, name: str) -> str:
        """Base of one of the workspace's own services."""
        host = "api" if name in ("environment", "datastore") else "history"
        return f"{self._hosts[host].rstrip('/')}/{name}/v{_VERSIONS[name]}{self.target.scope}"

    def computes(self, name: str = "") -> str:
        """For reads: they go to the service itself, as in the SDK."""
        tail = f"/{quote(name)}" if name else ""
        return f"{self._hosts['api'].rstrip('/')}/rp/workspaces{self.target.scope}/computes{tail}"

    def resource(self, *path: str) -> str:
        """For writes, and for what only Azure Resource Manager knows."""
        return "/".join((f"{self._arm}{self.target.scope}", *map(quote, path)))

    def region_resource(self, region: str, what: str) -> str:
        base = f"{self._arm}/subscriptions/{self.target.subscription}/providers"
        place = (region or self.region).replace(" ", "").casefold()
        return f"{base}/Microsoft.MachineLearningServices/locations/{place}/{what}"

    def run(self, run_id: str) -> str:
        return f"{self.service('history')}/runs/{quote(run_id)}"

    def run_in(self, experiment_id: str, run_id: str) -> str:
        return f"{self.service('history')}/experimentids/{experiment_id}/runs/{quote(run_id)}"

    def experiment(self, name: str) -> str:
        return f"{self.service('history')}/experiments/{quote(name)}"

    def link(self, run_id: str) -> str:
        """The run's page in the studio."""
        studio = self._hosts.get("studio") or "https://ml.azure.com"
        tail = f"&tid={self.tenant}" if self.tenant else ""
        return f"{studio.rstrip('/')}/runs/{quote(run_id)}?wsid={self.target.scope}{tail}"


_VERSIONS = {
    "history": "1.0",
    "execution": "1.0",
    "environment": "1.0",
    "datastore": "1.0",
    "artifact": "2.0",
    "metric": "2.0",
}
COMPUTE_VERSION = {"api-version": _ARM_COMPUTE}
ASSET_VERSION = {"api-version": _ARM_ASSETS}


def connect(wire: Wire, where: Target, arm: str) -> Connection:
    """Get the workspace and the addresses of its services: two requests."""
    try:
        body = wire.get(f"{arm}{where.scope}", **{"api-version": _ARM_WORKSPACE})
    except NotFoundError as error:
        raise WorkspaceError(
            f"cannot find workspace {where.name} in resource group {where.group} of subscription "
            f"{where.subscription}: it does not exist, or this identity may not see it: {error}"
        ) from None
    hosts = wire.get(str(body["properties"]["discoveryUrl"]))
    return Connection(where, arm, body, hosts)
