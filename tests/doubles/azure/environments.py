"""The environment registry: versions that never change, and the latest of each name."""

import json
import re
from copy import deepcopy
from typing import Any

from .answers import Answer, Refused
from .places import Place
from .routing import Call, routes

BASE = "/environment/v1.0{ws}/environments"
# What identifies a definition is not part of it.
IDENTITY = ("name", "version", "assetId")


def register(service: Any, call: Call) -> Answer:
    """A new version if the definition is new; else the version that has it."""
    name, asked = call["name"], call.found.get("version")
    definition = normal(call.json())
    versions = service.state.environments.setdefault(name, {})
    if asked is None:
        latest = list(versions.values())[-1] if versions else None
        if latest is not None and same(latest, definition):
            return Answer(body=_shown(service, latest))
        numbers = [int(version) for version in versions if version.isdigit()]
        asked = str(max(numbers, default=0) + 1)
    elif asked in versions:
        if not same(versions[asked], definition):
            what = f"Environment {name} with version {asked}"
            raise Refused(400, f"{what} is already registered and cannot be changed.")
        return Answer(body=_shown(service, versions[asked]))
    if not re.fullmatch(r"[\w.-]{1,255}", asked):
        raise Refused(400, f"'{asked}' is not a valid version.")
    versions[asked] = definition | {
        "name": name,
        "version": asked,
        "assetId": f"{_asset(service.place)}/environments/{name}/versions/{asked}",
    }
    service.faults.created("environment", name)
    return Answer(body=_shown(service, versions[asked]))


def _asset(place: Place) -> str:
    return f"azureml://locations/{place.region}/workspaces/{place.workspace_id}"


def normal(sent: dict[str, Any]) -> dict[str, Any]:
    """The definition under the names and with the blanks that a GET answers."""
    definition = {_camel(name): value for name, value in deepcopy(sent).items()}
    for name in IDENTITY:
        definition.pop(name, None)
    docker = {_camel(name): value for name, value in (definition.get("docker") or {}).items()}
    for name in ("enabled", "sharedVolumes", "shmSize", "arguments"):
        docker.pop(name, None)
    blank = dict.fromkeys(("address", "username", "password", "registryIdentity"))
    docker["baseImageRegistry"] = blank | (docker.get("baseImageRegistry") or {})
    definition["docker"] = docker
    definition.setdefault("environmentVariables", {})
    return definition


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two definitions differ in nothing but their identity."""

    def core(definition: dict[str, Any]) -> str:
        kept = {name: value for name, value in definition.items() if name not in IDENTITY}
        return json.dumps(kept, sort_keys=True)

    return core(one) == core(other)


def _shown(service: Any, definition: dict[str, Any]) -> dict[str, Any]:
    shown = deepcopy(definition)
    if service.switches.registry_password == "masked":
        shown["docker"]["baseImageRegistry"]["password"] = None
    return shown


def _versions(service: Any, name: str) -> dict[str, dict[str, Any]]:
    versions = service.state.environments.get(name)
    if not versions or service.faults.hides("environment", name):
        raise Refused(404, f"No definition exists for environment with name: {name}.", "NotFound")
    return versions


def get(service: Any, call: Call) -> Answer:
    """One version; without one, or by a label, the latest."""
    versions = _versions(service, call["name"])
    version = call.found.get("version") or list(versions)[-1]
    if version not in versions:
        text = f"Environment {call['name']} has no version {version}."
        raise Refused(404, text, "NotFound")
    return Answer(body=_shown(service, versions[version]))


def list_latest(service: Any, call: Call) -> Answer:
    """The latest version of each name, in pages."""
    names = list(service.state.environments)
    start, size = int(call.query.get("continuation") or 0), service.switches.page_size
    page = [
        _shown(service, list(service.state.environments[name].values())[-1])
        for name in names[start : start + size]
        if not service.faults.hides("environment", name)
    ]
    more = str(start + size) if start + size < len(names) else None
    return Answer(body={"value": page, "continuationToken": more})


def list_versions(service: Any, call: Call) -> Answer:
    """All versions of a name through ARM, the newest first; the registry of v1 has no such call."""
    versions = list(reversed(_versions(service, call["name"]).values()))
    start, size = int(call.query.get("$skipToken") or 0), service.switches.page_size
    page = [_resource(service, definition) for definition in versions[start : start + size]]
    answer: dict[str, Any] = {"value": page}
    if start + size < len(versions):
        version = call.query.get("api-version", "")
        address = f"{service.place.arm}{call.path}?api-version={version}"
        answer["nextLink"] = f"{address}&$skipToken={start + size}"
    return Answer(body=answer)


def get_version(service: Any, call: Call) -> Answer:
    return Answer(body=_resource(service, get(service, call).body))


def _resource(service: Any, definition: dict[str, Any]) -> dict[str, Any]:
    name, version = definition["name"], definition["version"]
    return {
        "id": f"{service.place.scope}/environments/{name}/versions/{version}",
        "name": version,
        "type": "Microsoft.MachineLearningServices/workspaces/environments/versions",
        "properties": {
            "image": definition["docker"].get("baseImage"),
            "isAnonymous": False,
            "isArchived": False,
            "properties": {},
            "tags": {},
        },
    }


ROUTES = routes(
    "environment",
    (f"GET {BASE}/?", list_latest),
    (f"GET {BASE}/{{name}}", get),
    (f"GET {BASE}/{{name}}/versions/{{version}}", get),
    (f"GET {BASE}/{{name}}/labels/{{label}}", get),
    (f"PUT {BASE}/{{name}}", register),
    (f"PUT {BASE}/{{name}}/versions/{{version}}", register),
    ("GET {ws}/environments/{name}/versions", list_versions),
    ("GET {ws}/environments/{name}/versions/{version}", get_version),
)
