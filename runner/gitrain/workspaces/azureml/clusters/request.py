"""Turns a Cluster manifest into requests to Azure ML. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitrain.desired import DesiredCluster
from gitrain.manifest import ClusterIdentity, ClusterSpec, NetworkSettings
from gitrain.workspaces.azureml.clusters.durations import duration
from gitrain.workspaces.azureml.runs.record import PROJECT

# How the manifest writes its network: names, or the subnet's id. Azure reports only the id.
NETWORK = "gitrain_network"
_TIERS = {"dedicated": "dedicated", "low_priority": "lowpriority"}
_IDENTITIES = {"system_assigned": "SystemAssigned", "user_assigned": "UserAssigned"}


class Place:
    """The names that make up a subnet's id."""

    def __init__(self, subscription: str, group: str, region: str) -> None:
        self.subscription = subscription
        self.group = group
        self.region = region


def creation(
    cluster: DesiredCluster, project: str, place: Place, secrets: Mapping[str, str]
) -> dict[str, Any]:
    """The body that creates a cluster; `secrets` are the values of the manifest's references."""
    spec = cluster.spec
    inner: dict[str, Any] = {
        "vmSize": spec.size,
        "vmPriority": _TIERS[spec.tier],
        "scaleSettings": _scale(spec),
        "remoteLoginPortPublicAccess": _PORT[spec.ssh_public_access_enabled],
    }
    if not spec.enable_node_public_ip:
        inner["enableNodePublicIp"] = False
    network = spec.network_settings
    if network and network.subnet:
        inner["subnet"] = {"id": _subnet_id(network, place)}
        inner["enableNodePublicIp"] = spec.enable_node_public_ip
    if spec.ssh_settings:
        inner["userAccountCredentials"] = _account(cluster, secrets)
    body: dict[str, Any] = {
        "location": place.region,
        "tags": {**_tags(cluster), PROJECT: project},
        "properties": {"computeType": "AmlCompute", "properties": inner},
    }
    if cluster.metadata.description:
        body["properties"]["description"] = cluster.metadata.description
    if spec.location:
        body["properties"]["computeLocation"] = spec.location
    if spec.identity:
        body["identity"] = _identity(spec.identity)
    return body


def scaling(spec: ClusterSpec) -> dict[str, Any]:
    """The body that changes how a cluster scales."""
    inner = {"scaleSettings": _scale(spec)}
    return {"properties": {"computeType": "AmlCompute", "properties": inner}}


def identification(identity: ClusterIdentity, location: str) -> dict[str, Any]:
    """The body that gives a cluster its identity."""
    return {"location": location, "properties": {}, "identity": _identity(identity)}


_PORT = {None: "NotSpecified", True: "Enabled", False: "Disabled"}


def _scale(spec: ClusterSpec) -> dict[str, Any]:
    return {
        "minNodeCount": spec.min_instances,
        "maxNodeCount": spec.max_instances,
        "nodeIdleTimeBeforeScaleDown": duration(spec.idle_time_before_scale_down),
    }


def _tags(cluster: DesiredCluster) -> dict[str, str]:
    network = cluster.spec.network_settings
    form = {NETWORK: "names" if network.vnet_name else "id"} if network else {}
    return {**cluster.metadata.labels, **form}


def _subnet_id(network: NetworkSettings, place: Place) -> str:
    if network.subnet.startswith("/"):
        return network.subnet
    return (
        f"/subscriptions/{place.subscription}/resourceGroups/{place.group}/providers"
        f"/Microsoft.Network/virtualNetworks/{network.vnet_name}/subnets/{network.subnet}"
    )


def _identity(identity: ClusterIdentity) -> dict[str, Any]:
    body: dict[str, Any] = {"type": _IDENTITIES[identity.type]}
    if identity.type == "user_assigned":
        body["userAssignedIdentities"] = {one: {} for one in identity.user_assigned_identities}
    return body


def _account(cluster: DesiredCluster, secrets: Mapping[str, str]) -> dict[str, str]:
    settings = cluster.spec.ssh_settings
    assert settings
    account = {"adminUserName": settings.admin_username}
    if settings.admin_password:
        account["adminUserPassword"] = secrets[settings.admin_password.env]
    if settings.ssh_key_value:
        account["adminUserSshPublicKey"] = secrets[settings.ssh_key_value.env]
    return account
