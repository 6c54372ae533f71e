"""Clusters: their bodies, their states over time, and the operations that a client waits for."""

import re
import time
import uuid
from copy import deepcopy
from typing import Any

from . import clusters, nodes
from .answers import Answer, Refused, now
from .routing import Call, routes

PROVIDER = "/subscriptions/{subscription}/providers/Microsoft.MachineLearningServices"


def put(service: Any, call: Call) -> Answer:
    """Create a cluster, or set an existing one to this body."""
    existed = call["name"] in service.state.computes
    make(service, call["name"], call.json())
    return _accepted(service, call["name"], 200 if existed else 201)


def make(service: Any, name: str, body: dict[str, Any]) -> None:
    """Put a cluster into the workspace; its provisioning begins."""
    old = service.state.computes.get(name)
    if not re.fullmatch(r"[a-zA-Z][\w-]{1,30}[a-zA-Z0-9]", name):
        raise Refused(400, f"Invalid compute name '{name}'.")
    if old and clusters.given(old, "vmSize") != (clusters.given(body, "vmSize") or "").upper():
        raise Refused(400, "Property 'vmSize' cannot be changed after creation.")
    fresh = clusters.body(service, name, body)
    if old:
        fresh["properties"]["createdOn"] = old["properties"]["createdOn"]
    service.state.computes[name] = fresh
    if not old:
        service.faults.created("compute", name)
    _begin(service, fresh, "Updating" if old else "Creating")


def _begin(service: Any, body: dict[str, Any], state: str) -> None:
    body["properties"]["provisioningState"] = state
    body["_until"] = time.monotonic() + service.switches.provisioning_seconds
    _settle(service, body)


def _settle(service: Any, body: dict[str, Any]) -> None:
    """Let a state that has lasted long enough become the next one."""
    properties = body["properties"]
    if (
        properties["provisioningState"] in ("Succeeded", "Failed")
        or time.monotonic() < body["_until"]
    ):
        return
    if properties["provisioningState"] == "Deleting":
        service.state.computes.pop(body["name"], None)
        return
    broken = service.switches.broken_clusters
    if broken and re.search(broken, body["name"]):
        text = (
            "Operation results in exceeding quota limits of Total Cluster Dedicated Regional vCPUs."
        )
        properties["provisioningState"] = "Failed"
        properties["provisioningErrors"] = [{"error": {"code": "QuotaExceeded", "message": text}}]
        return
    properties["provisioningState"] = "Succeeded"


def _accepted(service: Any, name: str, status: int) -> Answer:
    """The body now, and where to ask how it continues."""
    operation = str(uuid.uuid4())
    service.state.operations[operation] = {"compute": name}
    place = service.place
    address = place.arm + PROVIDER.format(subscription=place.subscription)
    address += f"/locations/{place.region}/computeOperationsStatus/{operation}"
    headers = {"Azure-AsyncOperation": f"{address}?api-version=2020-02-02"}
    body = service.state.computes.get(name)
    return Answer(status, nodes.view(service, body) if body and status != 202 else None, headers)


def operation(service: Any, call: Call) -> Answer:
    """InProgress until the cluster's state is a lasting one, or the cluster is gone."""
    known = service.state.operations.get(call["operation"])
    if known is None:
        raise Refused(404, "No such operation.", "NotFound")
    body = service.state.computes.get(known["compute"])
    if body:
        _settle(service, body)
    body = service.state.computes.get(known["compute"])
    state = body["properties"]["provisioningState"] if body else "Succeeded"
    if state not in ("Succeeded", "Failed"):
        return Answer(body={"status": "InProgress"})
    if state == "Failed":
        return Answer(
            body={"status": state, "error": body["properties"]["provisioningErrors"][0]["error"]}
        )
    return Answer(body={"status": state})


def find(service: Any, name: str) -> dict[str, Any]:
    """The cluster as it is at this moment; 404 if there is none to see."""
    body = service.state.computes.get(name)
    if body:
        _settle(service, body)
    if name not in service.state.computes or service.faults.hides("compute", name):
        text = f"Compute with name {name} was not found in the workspace."
        raise Refused(404, text, "ComputeNotFound")
    return body


def get(service: Any, call: Call) -> Answer:
    return Answer(body=nodes.view(service, find(service, call["name"])))


def list_all(service: Any, call: Call) -> Answer:
    bodies = list(service.state.computes.values())
    for body in bodies:
        _settle(service, body)
    names = [name for name in service.state.computes if not service.faults.hides("compute", name)]
    start, size = int(call.query.get("$skip", 0)), service.switches.page_size
    answer = {
        "value": [
            nodes.view(service, service.state.computes[n]) for n in names[start : start + size]
        ]
    }
    if start + size < len(names):
        base = service.place.services if call.path.startswith("/rp") else service.place.arm
        version = call.query.get("api-version", "")
        answer["nextLink"] = f"{base}{call.path}?api-version={version}&$skip={start + size}"
    return Answer(body=answer)


def patch(service: Any, call: Call) -> Answer:
    """Scale settings and identity change; tags only if the switch says so."""
    body, sent = find(service, call["name"]), call.json()
    before = deepcopy(body)
    inner = body["properties"]["properties"]
    inner["scaleSettings"] = clusters.scale(
        inner["scaleSettings"], clusters.given(sent, "scaleSettings") or {}
    )
    if sent.get("identity"):
        body["identity"] = clusters.identity(service, sent["identity"])
    if service.switches.cluster_patch_tags and sent.get("tags") is not None:
        body["tags"] = sent["tags"]
    if body == before:
        return Answer(body=nodes.view(service, body))
    body["properties"]["modifiedOn"] = now()
    _begin(service, body, "Updating")
    return _accepted(service, call["name"], 200)


def delete(service: Any, call: Call) -> Answer:
    body = find(service, call["name"])
    _begin(service, body, "Deleting")
    return _accepted(service, call["name"], 202)


def list_nodes(service: Any, call: Call) -> Answer:
    body = nodes.view(service, find(service, call["name"]))
    count = body["properties"]["properties"]["currentNodeCount"]
    in_use = service.jobs.nodes_in_use(call["name"])
    listed = [
        {
            "nodeId": f"tvmps_{number:04d}",
            "ipAddress": "10.0.0.4",
            "port": 50000.0 + number,
            "nodeState": "running" if number < in_use else "idle",
            "runId": None,
        }
        for number in range(count)
    ]
    return Answer(body={"nodes": listed})


ROUTES = routes(
    "compute",
    ("GET /rp/workspaces{ws}/computes", list_all),
    ("GET /rp/workspaces{ws}/computes/{name}", get),
    ("GET {ws}/computes", list_all),
    ("GET {ws}/computes/{name}", get),
    ("PUT {ws}/computes/{name}", put),
    ("PATCH {ws}/computes/{name}", patch),
    ("DELETE {ws}/computes/{name}", delete),
    ("POST? {ws}/computes/{name}/listNodes", list_nodes),
    (f"GET {PROVIDER}/locations/{{region}}/computeOperationsStatus/{{operation}}", operation),
)
