"""Creates, changes and deletes clusters, and waits until Azure has finished."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from gitrain.desired import DesiredCluster
from gitrain.errors import UnavailableError, WorkspaceError
from gitrain.manifest import ClusterSpec
from gitrain.secrets import values
from gitrain.secrets.values import hiding
from gitrain.workspaces.azureml.clusters.answer import check_made, cluster_state, settled, troubles
from gitrain.workspaces.azureml.clusters.request import Place, creation, identification, scaling
from gitrain.workspaces.azureml.http.addresses import COMPUTE_VERSION, Connection
from gitrain.workspaces.azureml.http.requests import NotFoundError, Wire

_PATIENCE = 1800.0
_LONGEST_TICK = 5.0


class Computes:
    """The clusters of a workspace; `tick` is the number of seconds between two
    checks."""

    def __init__(self, wire: Wire, connection: Connection, tick: float) -> None:
        self._wire = wire
        self._connection = connection
        self._tick = min(tick, _LONGEST_TICK)

    def find(self, name: str) -> Mapping[str, Any] | None:
        """A cluster as Azure reports it. Only "not found" means absence: an outage raises."""
        found: Mapping[str, Any] | None = self._wire.find(
            self._connection.computes(name), **COMPUTE_VERSION
        )
        return found

    def create(self, cluster: DesiredCluster, project: str) -> None:
        """Create it unless it exists; return when it is usable."""
        found = self.find(cluster.name)
        if found is not None and _deleting(found):
            self._wait_gone(cluster.name)
            found = None
        if found is not None:
            self._usable(cluster.name)
            return
        target = self._connection.target
        place = Place(target.subscription, target.group, self._connection.region)
        body = creation(cluster, project, place, _secrets(cluster.spec))
        with hiding(_secrets(cluster.spec)):
            self._write("PUT", cluster.name, body)
        check_made(cluster, self._usable(cluster.name))

    def update(self, cluster: DesiredCluster) -> None:
        """Scale bounds, idle time and identity, each only when it differs."""
        body = self.find(cluster.name)
        if body is None:
            raise WorkspaceError(f"there is no cluster {cluster.name}")
        state, spec = cluster_state(body), cluster.spec
        if _scale(state.spec) != _scale(spec):
            self._write("PATCH", cluster.name, scaling(spec))
            self._usable(cluster.name)
        if spec.identity and spec.identity != state.spec.identity:
            location = str(body.get("location") or self._connection.region)
            self._write("PATCH", cluster.name, identification(spec.identity, location))
            self._usable(cluster.name)
        check_made_scale(cluster, self.find(cluster.name) or {})

    def delete(self, name: str) -> None:
        """Remove it, and return when it is gone."""
        body = self.find(name)
        if body is None:
            return
        if not _deleting(body):
            self._write("DELETE", name, None, underlyingResourceAction="delete")
        self._wait_gone(name)

    def _write(self, method: str, name: str, body: Any, **params: str) -> None:
        url = self._connection.resource("computes", name)
        try:
            self._wire.call(method, url, body, params={**COMPUTE_VERSION, **params})
        except NotFoundError:
            if method != "DELETE":
                raise

    def _usable(self, name: str) -> Mapping[str, Any]:
        """Wait until Azure has finished with it; raises WorkspaceError when that failed."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            body = self.find(name)
            # A read may lag behind the write: wait for what was accepted.
            if body is not None and settled(body):
                break
            self._pause(deadline, f"cluster {name} is not ready")
        state = str(body["properties"].get("provisioningState"))
        if state.casefold() != "succeeded":
            why = "; ".join(troubles(body)) or "Azure gave no reason"
            raise WorkspaceError(f"cluster {name}: provisioning {state.casefold()}: {why}")
        return body

    def _wait_gone(self, name: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while (body := self.find(name)) is not None:
            if settled(body) and not _deleting(body) and troubles(body):
                raise WorkspaceError(f"cluster {name} was not deleted: {'; '.join(troubles(body))}")
            self._pause(deadline, f"cluster {name} still exists")

    def _pause(self, deadline: float, what: str) -> None:
        if time.monotonic() >= deadline:
            raise UnavailableError(f"{what} after {_PATIENCE / 60:.0f} minutes: try again later")
        time.sleep(self._tick)


def check_made_scale(cluster: DesiredCluster, body: Mapping[str, Any]) -> None:
    """Check that the change took effect: success is never reported without reading it back."""
    state = cluster_state(body) if body else None
    if state is None or _scale(state.spec) != _scale(cluster.spec):
        raise WorkspaceError(
            f"cluster {cluster.name}: Azure accepted the change but did not apply it"
        )


def _scale(spec: ClusterSpec) -> tuple[int, int, int]:
    return spec.min_instances, spec.max_instances, spec.idle_time_before_scale_down


def _deleting(body: Mapping[str, Any]) -> bool:
    return str(body["properties"].get("provisioningState")).casefold() == "deleting"


def _secrets(spec: ClusterSpec) -> dict[str, str]:
    settings = spec.ssh_settings
    references = (settings.admin_password, settings.ssh_key_value) if settings else ()
    return {reference.env: values.read(reference.env) for reference in references if reference}
