"""The form of a cluster: what the service makes of what a client sends."""

import re
import uuid
from copy import deepcopy
from typing import Any

from . import limits
from .answers import Refused, now


def given(sent: dict[str, Any], name: str) -> Any:
    """One of the inner properties of a body that is sent or kept."""
    return (sent.get("properties", {}).get("properties") or {}).get(name)


def body(service: Any, name: str, sent: dict[str, Any]) -> dict[str, Any]:
    """What the service makes of a PUT: sizes in capitals, priorities by their own names."""
    limits.resource_tags(sent.get("tags") or {})
    properties = deepcopy(sent.get("properties", {}))
    inner = properties.get("properties") or {}
    inner["vmSize"] = (inner.get("vmSize") or "STANDARD_NC6").upper()
    low = str(inner.get("vmPriority", "")).lower() == "lowpriority"
    inner["vmPriority"] = "LowPriority" if low else "Dedicated"
    inner["scaleSettings"] = scale({}, inner.get("scaleSettings") or {})
    inner.setdefault("subnet", None)
    credentials = inner.get("userAccountCredentials") or {}
    credentials.pop("adminUserPassword", None)
    location = sent.get("location") or service.place.region
    made = {
        "id": f"{service.place.scope}/computes/{name}",
        "name": name,
        "type": "Microsoft.MachineLearningServices/workspaces/computes",
        "location": location,
        "tags": sent.get("tags"),
        "properties": {
            "description": None,
            "resourceId": None,
            "provisioningErrors": None,
            "isAttachedCompute": False,
            "computeLocation": location,
            "createdOn": now(),
            **properties,
            "modifiedOn": now(),
            "properties": inner,
        },
    }
    if sent.get("identity"):
        made["identity"] = identity(service, sent["identity"])
    return made


def identity(service: Any, sent: dict[str, Any]) -> dict[str, Any]:
    """A managed identity with the ids that Entra would give it."""
    made: dict[str, Any] = {"type": sent.get("type", "None")}
    if "SystemAssigned" in made["type"]:
        made |= {"principalId": str(uuid.uuid4()), "tenantId": service.place.tenant}
    known = {"clientId": str(uuid.uuid4()), "principalId": str(uuid.uuid4())}
    if sent.get("userAssignedIdentities"):
        made["userAssignedIdentities"] = {
            name: dict(known) for name in sent["userAssignedIdentities"]
        }
    return made


def scale(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The old settings with the new ones over them; the service's defaults below."""
    merged = {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT30M"}
    merged |= {name: value for name, value in {**old, **new}.items() if value is not None}
    merged["nodeIdleTimeBeforeScaleDown"] = duration(merged["nodeIdleTimeBeforeScaleDown"])
    if merged["minNodeCount"] > merged["maxNodeCount"]:
        raise Refused(400, "minNodeCount cannot be greater than maxNodeCount.")
    return merged


def duration(text: str) -> str:
    """An ISO 8601 duration in the form in which .NET writes it: PT120S is PT2M."""
    parts = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", text)
    if not parts:
        raise Refused(400, f"'{text}' is not a valid duration.")
    days, hours, minutes, seconds = (float(part or 0) for part in parts.groups())
    left = int(days * 86400 + hours * 3600 + minutes * 60 + seconds)
    sizes = (("D", 86400), ("H", 3600), ("M", 60), ("S", 1))
    numbers = {}
    for letter, size in sizes:
        numbers[letter], left = divmod(left, size)
    clock = "".join(f"{numbers[letter]}{letter}" for letter in "HMS" if numbers[letter])
    date = f"{numbers['D']}D" if numbers["D"] else ""
    return f"P{date}T{clock}" if clock else f"P{date}" if date else "PT0S"
