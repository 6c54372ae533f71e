"""Data assets: versions of names that point into datastores."""

from typing import Any

from .answers import Answer, Refused
from .routing import Call, routes


def data_body(service: Any, name: str, version: str, uri: str, kind: str) -> dict[str, Any]:
    """A version of a data asset, as ARM shows it."""
    return {
        "id": f"{service.place.scope}/data/{name}/versions/{version}",
        "name": version,
        "type": "Microsoft.MachineLearningServices/workspaces/data/versions",
        "properties": {
            "dataUri": uri,
            "dataType": kind,
            "description": None,
            "isAnonymous": False,
            "isArchived": False,
            "properties": {},
            "tags": {},
        },
    }


def data_version(service: Any, call: Call) -> Answer:
    body = service.state.data.get((call["name"], call["version"]))
    if body is None:
        raise Refused(404, f"Data version {call['name']}:{call['version']} not found.", "NotFound")
    return Answer(body=body)


def data_versions(service: Any, call: Call) -> Answer:
    found = [body for (name, _), body in service.state.data.items() if name == call["name"]]
    if not found:
        raise Refused(404, f"Data container {call['name']} not found.", "NotFound")
    return Answer(body={"value": list(reversed(found))})


def data_plane_version(service: Any, call: Call) -> Answer:
    """The same asset as the SDK's own data client reads it."""
    body = data_version(service, call).body
    properties = body["properties"]
    return Answer(
        body={
            "dataVersion": {
                "assetId": body["id"],
                "dataContainerName": call["name"],
                "dataType": properties["dataType"],
                "dataUri": properties["dataUri"],
                "versionId": call["version"],
            }
        }
    )


ROUTES = routes(
    "data",
    ("GET {ws}/data/{name}/versions", data_versions),
    ("GET {ws}/data/{name}/versions/{version}", data_version),
    ("GET /data/v1.0{ws}/dataversion/{name}/versions/{version}", data_plane_version),
)
