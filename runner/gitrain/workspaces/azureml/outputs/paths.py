"""Where a run's data is in the workspace's storage, and where the run sees it. Pure."""

from __future__ import annotations

import re

from gitrain.assets import parse
from gitrain.desired import DataPath, Upstream
from gitrain.errors import WorkspaceError

DATASTORE = "workspaceblobstore"
_SHORT = re.compile(r"azureml://datastores/([^/]+)/paths/?(.*)", re.DOTALL)
_LONG = re.compile(r"azureml://.*?/datastores/([^/]+)/paths/?(.*)", re.DOTALL)


def address(path: str, datastore: str = DATASTORE) -> str:
    """The address of a path in a datastore."""
    return f"azureml://datastores/{datastore}/paths/{path}"


def output_path(run_id: str, name: str) -> str:
    """Where a run's output is in the workspace's own store: known before the run exists."""
    return f"gitrain/{run_id}/{name}"


def checkpoints_path(project: str, job: str, digest: str) -> str:
    """The checkpoints of all attempts of one digest."""
    return f"gitrain/checkpoints/{project}/{job}/{digest}"


def asset(path: str) -> tuple[str, str] | None:
    """Name and version of `azureml:NAME:VERSION`."""
    found = parse(path)
    return (found.name, found.version) if found else None


def located(value: DataPath | Upstream) -> str:
    """The address of an input, or `azureml:NAME:VERSION`, which only the workspace can resolve."""
    if isinstance(value, DataPath):
        return value.path
    if value.path:
        return value.path
    if not value.run_id:
        raise WorkspaceError(f"cannot tell which run of {value.job} made {value.output}")
    return address(output_path(value.run_id, value.output))


def parts_of(path: str) -> tuple[str, str]:
    """Datastore and path of an address in a datastore of this workspace. Raises WorkspaceError."""
    match = _SHORT.fullmatch(path) or _LONG.fullmatch(path)
    if match is None:
        raise WorkspaceError(
            f"{path} is not a path in a datastore (azureml://datastores/D/paths/P)"
        )
    return match[1], match[2].strip("/")
