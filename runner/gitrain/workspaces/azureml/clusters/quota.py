"""What a region can provide for the clusters to be created: notes, never a failure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gitrain.errors import WorkspaceError
from gitrain.manifest import ClusterSpec
from gitrain.workspace import Query
from gitrain.workspaces.azureml.http.addresses import COMPUTE_VERSION, Connection
from gitrain.workspaces.azureml.http.requests import Wire


def region_notes(
    wire: Wire, connection: Connection, query: Query, existing: Sequence[Mapping[str, Any]]
) -> tuple[str, ...]:
    """Sizes that the region lacks and quotas that are too small, for clusters that do not exist.

    Two requests for each of their regions, and none when all clusters exist.
    """
    names = {body.get("name") for body in existing}
    missing = {name: spec for name, spec in query.asked.items() if name not in names}
    notes: list[str] = []
    for region in sorted({spec.location for spec in missing.values()}):
        try:
            sizes = wire.get(connection.region_resource(region, "vmSizes"), **COMPUTE_VERSION)
            usages = list(
                wire.pages(connection.region_resource(region, "usages"), **COMPUTE_VERSION)
            )
        except WorkspaceError:
            # We may not be allowed to see those of the region: then there is nothing to note.
            continue
        offered = sizes.get("value") or sizes.get("amlCompute") or ()
        for name, spec in sorted(missing.items()):
            if spec.location == region:
                notes.append(size_note(name, spec, offered))
                notes.append(quota_note(name, spec, offered, usages))
    return tuple(filter(None, notes))


def size_note(name: str, spec: ClusterSpec, sizes: Sequence[Mapping[str, Any]]) -> str:
    """A note when the region does not offer a cluster's size; "" when it does."""
    offered = {str(size.get("name") or "").casefold() for size in sizes}
    if not offered or spec.size.casefold() in offered:
        return ""
    return f"Cluster/{name}: the region does not offer {spec.size}"


def quota_note(
    name: str,
    spec: ClusterSpec,
    sizes: Sequence[Mapping[str, Any]],
    usages: Sequence[Mapping[str, Any]],
) -> str:
    """A note when fewer cores are left than the cluster may need; "" when there are enough."""
    size = next((s for s in sizes if str(s.get("name")).casefold() == spec.size.casefold()), None)
    if size is None or not size.get("vCPUs"):
        return ""
    family = str(size.get("family") or "").casefold()
    wanted = int(size["vCPUs"]) * spec.max_instances
    if spec.tier == "low_priority":
        family = "lowprioritycores"
    for usage in usages:
        of = usage.get("name") or {}
        if family and str(of.get("value") or "").replace(" ", "").casefold() == family:
            left = int(usage.get("limit") or 0) - int(usage.get("currentValue") or 0)
            if 0 <= left < wanted:
                nodes = left // int(size["vCPUs"])
                kind = of.get("localizedValue") or family
                return (
                    f"Cluster/{name}: the quota leaves {left} cores of {kind}, "
                    f"enough for {nodes} of {spec.max_instances} nodes"
                )
    return ""
