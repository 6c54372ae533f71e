"""What we write on runs and experiments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitrain.errors import WorkspaceError
from gitrain.observed import Cause, Metrics, Tags
from gitrain.workspaces.azureml.http.addresses import Connection
from gitrain.workspaces.azureml.http.requests import Wire
from gitrain.workspaces.azureml.outputs.series import summary_tags
from gitrain.workspaces.azureml.runs import record as records


class Marks:
    """Writes tags and properties: each time in one request, so that nothing is half written."""

    def __init__(self, wire: Wire, connection: Connection) -> None:
        self._wire = wire
        self._connection = connection

    def run(self, run_id: str) -> Mapping[str, Any]:
        """A run as Azure ML reports it. Raises WorkspaceError when it does not exist."""
        body: Mapping[str, Any] | None = self._wire.find(self._connection.run(run_id))
        if body is None:
            raise WorkspaceError(f"there is no run {run_id}")
        return body

    def record(
        self, body: Mapping[str, Any], record: records.Record, tags: Tags, git: Mapping[str, str]
    ) -> Mapping[str, Any]:
        """Write a run's record, its tags and Git's facts; properties only where missing."""
        existing = body.get("properties") or {}
        wanted = {**git, **records.properties(record)}
        return self._patch(
            body,
            properties={key: value for key, value in wanted.items() if key not in existing},
            tags={**records.identity_tags(record), **records.change_tags(tags)},
            **_shown(tags),
        )

    def tags(self, body: Mapping[str, Any], record: records.Record | None, tags: Tags) -> None:
        """Replace what may change, and write what is missing."""
        identity = records.identity_tags(record) if record else {}
        obsolete = records.obsolete(body.get("tags") or {}, tags)
        properties = {}
        if record and records.own_record(body.get("properties") or {}) is None:
            properties = records.properties(record)
        self._patch(
            body, properties=properties, tags=identity | records.change_tags(tags), **_shown(tags)
        )
        if obsolete:
            self._wire.call("DELETE", f"{self._address(body)}/tags", list(obsolete))

    def adoption(
        self, body: Mapping[str, Any], record: records.Record, tags: Tags
    ) -> Mapping[str, Any]:
        """Record that a run is this digest of this job."""
        properties, pointer = records.adoption(record, tags)
        existing = body.get("properties") or {}
        new = {key: value for key, value in properties.items() if key not in existing}
        return self._patch(body, properties=new, tags=pointer)

    def cause(self, body: Mapping[str, Any], cause: Cause) -> None:
        """Record who asks for a cancel; the first one stays recorded."""
        if records.CAUSE not in (body.get("tags") or {}):
            self._patch(body, tags={records.CAUSE: cause.value})

    def summary(self, body: Mapping[str, Any], metrics: Metrics) -> None:
        """Keep what gates and tables read of a run's metrics, if it fits."""
        self._patch(body, tags=summary_tags(metrics))

    def own_experiment(self, name: str, project: str) -> None:
        """Create an experiment if it is missing, and mark it as the project's."""
        url = self._connection.experiment(name)
        self._own(self._wire.find(url) or self._wire.call("POST", url).body, project)

    def own_experiment_of(self, body: Mapping[str, Any], project: str) -> None:
        """Mark a run's experiment as the project's too: the project's runs are found through it."""
        self._own(self._wire.get(self._experiment(body)), project)

    def _own(self, experiment: Mapping[str, Any], project: str) -> None:
        key = records.experiment_tag(project)
        if (experiment.get("tags") or {}).get(key) != project:
            self._wire.call("PATCH", self._experiment(experiment), {"tags": {key: project}})

    def _experiment(self, body: Mapping[str, Any]) -> str:
        return f"{self._connection.service('history')}/experimentids/{body['experimentId']}"

    def _address(self, body: Mapping[str, Any]) -> str:
        return self._connection.run_in(str(body["experimentId"]), str(body["runId"]))

    def _patch(self, body: Mapping[str, Any], **changes: Any) -> Mapping[str, Any]:
        sent = {"runId": body["runId"], **{key: value for key, value in changes.items() if value}}
        patched: Mapping[str, Any] = self._wire.call("PATCH", self._address(body), sent).body
        return patched


def _shown(tags: Tags) -> dict[str, str]:
    """What the studio shows. An emptied text stays there: Azure ML takes no empty one."""
    return {"displayName": tags.display_name[:255], "description": tags.description[:5000]}
