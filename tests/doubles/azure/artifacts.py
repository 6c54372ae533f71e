"""Artifacts: a run's files by name, and the addresses at which their bytes are."""

from datetime import UTC, datetime
from typing import Any

from .answers import Answer, Refused
from .blobstore import ARTIFACTS
from .routing import Call, routes

BASE = "/artifact/v2.0{ws}/artifacts"


def blob(container: str, path: str, origin: str = "ExperimentRun") -> str:
    """The blob in which an artifact lies."""
    return f"{origin}/{container}/{path}"


def names(
    service: Any, container: str, prefix: str = "", origin: str = "ExperimentRun"
) -> list[str]:
    """A run's files, sorted."""
    root = blob(container, "", origin)
    return [name[len(root) :] for name in service.blobs.names(ARTIFACTS, root + prefix)]


def address(service: Any, container: str, path: str, permissions: str = "r") -> str:
    return service.blobs.address(ARTIFACTS, blob(container, path), permissions)


def _dto(call: Call, path: str) -> dict[str, Any]:
    origin, container = call["origin"], call["container"]
    return {
        "artifactId": f"{origin}/{container}/{path}",
        "origin": origin,
        "container": container,
        "path": path,
        "etag": None,
        "createdTime": datetime.now(UTC).isoformat(),
        "dataPath": {
            "dataStoreName": "workspaceartifactstore",
            "relativePath": blob(container, path, origin),
        },
    }


def _content(service: Any, call: Call, path: str, permissions: str = "r") -> dict[str, Any]:
    name = blob(call["container"], path, call["origin"])
    return {
        "contentUri": service.blobs.address(ARTIFACTS, name, permissions),
        "origin": call["origin"],
        "container": call["container"],
        "path": path,
    }


def list_all(service: Any, call: Call) -> Answer:
    """All files, or those below a path, in pages."""
    found = names(service, call["container"], call.found.get("path", ""), call["origin"])
    return Answer(body=_paged(service, call, [_dto(call, path) for path in found]))


def _paged(service: Any, call: Call, items: list[Any]) -> dict[str, Any]:
    start, size = int(call.query.get("continuationToken") or 0), service.switches.page_size
    more = str(start + size) if start + size < len(items) else None
    return {"value": items[start : start + size], "continuationToken": more, "nextLink": None}


def content_info(service: Any, call: Call) -> Answer:
    name = blob(call["container"], call["path"], call["origin"])
    if not service.blobs.path(ARTIFACTS, name).is_file():
        raise Refused(404, f"Artifact not found: {name}", "NotFound")
    return Answer(body=_content(service, call, call["path"]))


def content(service: Any, call: Call) -> Answer:
    """The bytes themselves, in one request."""
    name = blob(call["container"], call["path"], call["origin"])
    return Answer(body=service.blobs.get(ARTIFACTS, name))


def upload(service: Any, call: Call) -> Answer:
    name = blob(call["container"], call["path"], call["origin"])
    service.blobs.put(ARTIFACTS, name, call.body)
    return Answer(body=_dto(call, call["path"]))


def write_address(service: Any, call: Call) -> Answer:
    return Answer(body=_content(service, call, call["path"], "rcw"))


def prefix_info(service: Any, call: Call) -> Answer:
    """Where each file below a path is."""
    found = names(service, call["container"], call.found.get("path", ""), call["origin"])
    items = [_content(service, call, path) for path in found]
    return Answer(body=_paged(service, call, items))


def make_empty(service: Any, call: Call) -> Answer:
    """Announce files; the answer says where to upload each."""
    paths = [entry["path"] for entry in call.json()["paths"]]
    return Answer(
        body={
            "artifacts": {path: _dto(call, path) for path in paths},
            "artifactContentInformation": {
                path: _content(service, call, path, "rcw") for path in paths
            },
            "errors": {},
        }
    )


ROUTES = routes(
    "artifact",
    (f"GET {BASE}/contentinfo/{{origin}}/{{container}}/{{path*}}", content_info),
    (f"GET {BASE}/content/{{origin}}/{{container}}/{{path*}}", content),
    (f"POST {BASE}/content/{{origin}}/{{container}}/{{path*}}", upload),
    (f"GET {BASE}/write/{{origin}}/{{container}}/{{path*}}", write_address),
    (f"GET {BASE}/prefix/contentinfo/{{origin}}/{{container}}/{{path*}}", prefix_info),
    (f"POST {BASE}/batch/metadata/{{origin}}/{{container}}", make_empty),
    (f"GET {BASE}/metadata/{{origin}}/{{container}}/{{path*}}", content_info),
    (f"GET {BASE}/{{origin}}/{{container}}/{{path*}}", list_all),
    (f"GET {BASE}/{{origin}}/{{container}}", list_all),
)
