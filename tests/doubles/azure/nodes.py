"""A cluster's nodes: how many it can have, how many have a job, and what a GET says of them."""

from copy import deepcopy
from typing import Any

from .state import LIVE


def most_nodes(service: Any, name: str) -> int:
    """How many nodes a cluster can have: none when it has a trouble, or does not exist."""
    body = service.state.computes.get(name)
    if body is None or body.get("_trouble"):
        return 0
    return body["properties"]["properties"]["scaleSettings"]["maxNodeCount"]


def view(service: Any, body: dict[str, Any]) -> dict[str, Any]:
    """The body with the nodes' numbers, as a GET shows it."""
    shown = deepcopy({name: value for name, value in body.items() if name[0] != "_"})
    inner = shown["properties"]["properties"]
    running = service.jobs.nodes_in_use(body["name"])
    waiting = [
        run
        for run in service.state.runs.values()
        if run.dto.get("target") == body["name"] and run.status in LIVE
    ]
    nodes = max(running, inner["scaleSettings"]["minNodeCount"])
    trouble = body.get("_trouble")
    counts = dict.fromkeys(("preparing", "leaving", "unusable", "preempted"), 0)
    counts |= {"running": running, "idle": nodes - running}
    inner |= {
        "currentNodeCount": nodes,
        "targetNodeCount": min(max(nodes, len(waiting)), inner["scaleSettings"]["maxNodeCount"]),
        "nodeStateCounts": {f"{name}NodeCount": count for name, count in counts.items()},
        "allocationState": "Resizing" if trouble else "Steady",
        "allocationStateTransitionTime": body["properties"]["modifiedOn"],
        "errors": [{"error": trouble}] if trouble else None,
    }
    return shown
