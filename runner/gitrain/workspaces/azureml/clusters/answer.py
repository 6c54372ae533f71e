"""Turns Azure ML's answer about a cluster into a ClusterState. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitrain.desired import DesiredCluster
from gitrain.errors import WorkspaceError
from gitrain.manifest import ClusterIdentity, ClusterSpec, NetworkSettings
from gitrain.observed import ClusterState
from gitrain.workspaces.azureml.clusters.durations import seconds
from gitrain.workspaces.azureml.clusters.request import NETWORK
from gitrain.workspaces.azureml.runs.record import PROJECT

_SUBNET = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/([^/]+)/providers/Microsoft\.Network"
    r"/virtualNetworks/([^/]+)/subnets/([^/]+)/?",
    re.IGNORECASE,
)
_SETTLED = ("succeeded", "failed", "canceled")


def cluster_state(body: Mapping[str, Any], active_runs: int = 0) -> ClusterState:
    """What Azure ML reports of a compute; if it is not an AmlCompute, only that it exists."""
    outer = body.get("properties") or {}
    tags = body.get("tags") or {}
    inner = outer.get("properties") or {}
    fields = dict(_fields(body, outer, inner, tags))
    known = {"size": str(outer.get("computeType") or "unknown"), "max_instances": 1, **fields}
    return ClusterState(
        name=str(body["name"]),
        spec=ClusterSpec(**known),
        reported=frozenset(fields),
        project=str(tags.get(PROJECT) or ""),
        labels={key: value for key, value in tags.items() if not key.startswith("gitrain_")},
        description=str(outer.get("description") or ""),
        active_runs=active_runs or int(busy_nodes(body) > 0),
        state=str(outer.get("provisioningState") or ""),
    )


def _fields(
    body: Mapping[str, Any],
    outer: Mapping[str, Any],
    inner: Mapping[str, Any],
    tags: Mapping[str, str],
) -> Iterator[tuple[str, Any]]:
    """Each field of the spec that this answer says something about."""
    if outer.get("computeType") != "AmlCompute":
        return
    if inner.get("vmSize"):
        yield "size", inner["vmSize"]
    if inner.get("vmPriority"):
        low = str(inner["vmPriority"]).replace("_", "").casefold() == "lowpriority"
        yield "tier", "low_priority" if low else "dedicated"
    yield from _scale_fields(inner.get("scaleSettings") or {})
    if location := outer.get("computeLocation") or body.get("location"):
        yield "location", location
    yield "identity", _reported_identity(body.get("identity") or {})
    if "subnet" in inner:
        yield "network_settings", _reported_network(inner["subnet"] or {}, body, tags)
    if isinstance(inner.get("enableNodePublicIp"), bool):
        yield "enable_node_public_ip", inner["enableNodePublicIp"]
    port = str(inner.get("remoteLoginPortPublicAccess") or "").casefold()
    if port in ("enabled", "disabled"):
        yield "ssh_public_access_enabled", port == "enabled"


def _scale_fields(scale: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if "minNodeCount" in scale:
        yield "min_instances", int(scale["minNodeCount"])
    if "maxNodeCount" in scale:
        yield "max_instances", int(scale["maxNodeCount"])
    idle = seconds(str(scale.get("nodeIdleTimeBeforeScaleDown") or ""))
    if idle is not None:
        yield "idle_time_before_scale_down", idle


def _reported_identity(identity: Mapping[str, Any]) -> ClusterIdentity | None:
    """An answer without an identity means that the cluster has none."""
    kind = str(identity.get("type") or "").replace(" ", "").casefold()
    if "userassigned" in kind:
        ids = tuple(identity.get("userAssignedIdentities") or ())
        return ClusterIdentity(type="user_assigned", user_assigned_identities=ids)
    return ClusterIdentity(type="system_assigned") if kind == "systemassigned" else None


def _reported_network(
    subnet: Mapping[str, Any], body: Mapping[str, Any], tags: Mapping[str, str]
) -> NetworkSettings | None:
    """The subnet in the form that the manifest had when the cluster was made; else by its id, or by
    names when it is in the cluster's own resource group."""
    text = str(subnet.get("id") or "")
    match = _SUBNET.fullmatch(text)
    if match is None:
        return NetworkSettings(subnet=text) if text else None
    group, vnet, name = match.groups()
    own = f"/resourcegroups/{group}/".casefold() in str(body.get("id") or "").casefold()
    if tags.get(NETWORK) == "id" or not own:
        return NetworkSettings(subnet=text)
    return NetworkSettings(vnet_name=vnet, subnet=name)


def busy_nodes(body: Mapping[str, Any]) -> int:
    """The nodes that run or prepare something now, for any user."""
    inner = (body.get("properties") or {}).get("properties") or {}
    counts = inner.get("nodeStateCounts") or {}
    return int(counts.get("runningNodeCount") or 0) + int(counts.get("preparingNodeCount") or 0)


def settled(body: Mapping[str, Any]) -> bool:
    """Whether Azure has finished creating or changing a cluster."""
    state = str((body.get("properties") or {}).get("provisioningState") or "")
    return state.casefold() in _SETTLED


def troubles(body: Mapping[str, Any]) -> tuple[str, ...]:
    """What hinders a cluster, such as a quota, in Azure's words."""
    outer = body.get("properties") or {}
    inner = outer.get("properties") or {}
    found = (*(outer.get("provisioningErrors") or ()), *(inner.get("errors") or ()))
    return tuple(filter(None, map(_trouble, found)))


def _trouble(error: Any) -> str:
    inner = error.get("error", error) if isinstance(error, Mapping) else {}
    code, message = str(inner.get("code") or ""), " ".join(str(inner.get("message") or "").split())
    return f"{message} ({code})" if message and code else message or code


def check_made(cluster: DesiredCluster, body: Mapping[str, Any]) -> None:
    """Compare the cluster with what was requested; raises WorkspaceError when it differs.

    A name that was deleted before can come back with its old size.
    """
    outer = body.get("properties") or {}
    state = str(outer.get("provisioningState") or "")
    if state.casefold() != "succeeded":
        why = "; ".join(troubles(body)) or "Azure gave no reason"
        raise WorkspaceError(f"cluster {cluster.name} is {state or 'in an unknown state'}: {why}")
    got = cluster_state(body)
    for name in ("size", "tier", "min_instances", "max_instances", "idle_time_before_scale_down"):
        asked, made = getattr(cluster.spec, name), getattr(got.spec, name)
        if name in got.reported and str(asked).casefold() != str(made).casefold():
            raise WorkspaceError(
                f"cluster {cluster.name}: requested {name} {asked}, but Azure set it to {made}"
            )


def cluster_notes(bodies: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Iterator[str]:
    """What Azure says about the clusters that matter here: failures, quota."""
    for body in bodies:
        if body.get("name") in names:
            for trouble in dict.fromkeys(troubles(body)):
                yield f"Cluster/{body['name']}: {trouble}"
