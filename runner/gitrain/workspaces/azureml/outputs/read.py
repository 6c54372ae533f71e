"""What a run reports: its metrics, its log, and the files of its working folder."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from gitrain.errors import WorkspaceError
from gitrain.metrics import parse_metrics
from gitrain.observed import Metrics, Run
from gitrain.workspaces.azureml.http.addresses import Connection
from gitrain.workspaces.azureml.http.requests import Wire
from gitrain.workspaces.azureml.outputs.series import series
from gitrain.workspaces.azureml.runs import phases

_METRICS_FILE = "outputs/metrics.jsonl"
_INGESTION = timedelta(minutes=2)
# The user's own log; before there is one, why it has not started. The first group that exists.
_LOGS: tuple[tuple[str, ...], ...] = (
    ("user_logs/std_log.txt", "user_logs/std_log_process_0.txt", "azureml-logs/70_driver_log.txt"),
    ("azureml-logs/20_image_build_log.txt",),
    ("system_logs/", "azureml-logs/"),
)


class Outputs:
    """Reads what runs produced; `tick` is the number of seconds between two reads of a log."""

    def __init__(self, wire: Wire, connection: Connection, tick: float) -> None:
        self._wire = wire
        self._connection = connection
        self._tick = min(tick, 3.0)

    def metrics(self, run_id: str) -> Metrics:
        """From the run history (`Run.log`, MLflow); without any, from outputs/metrics.jsonl."""
        base = f"{self._connection.service('metric')}/runs/{quote(run_id)}"
        listed = list(self._wire.query(f"{base}/list", {}))
        names = dict.fromkeys(str(metric["metricKey"]["name"]) for metric in listed)
        found = series(self._metric(base, name) for name in names)
        return found or parse_metrics(self._file(run_id, _METRICS_FILE) or b"")

    def _metric(self, base: str, name: str) -> Mapping[str, Any]:
        """A metric with the values of all its batches."""
        asked = {"metricName": name}
        rows: list[Any] = []
        while True:
            body = self._wire.call("POST", f"{base}/full", asked).body
            rows += body.get("value") or ()
            if not body.get("continuationToken"):
                return {**body, "value": rows}
            asked = {**asked, "continuationToken": body["continuationToken"]}

    def all_in(self, body: Mapping[str, Any]) -> bool:
        """Whether the run history has ingested everything that a run logged."""
        address = f"{self._connection.service('history')}/experimentids/{body['experimentId']}"
        experiment = self._connection.experiment(str(self._wire.get(address)["name"]))
        url = f"{experiment}/runs/{quote(str(body['runId']))}/metricsingest/wait"
        return self._wire.call("GET", url).status == 200

    def _file(self, run_id: str, path: str) -> bytes | None:
        return self._wire.content(f"{self._artifacts(run_id, 'content')}/{quote(path)}")

    def _artifacts(self, run_id: str, *what: str) -> str:
        base = f"{self._connection.service('artifact')}/artifacts"
        return "/".join((base, *what, "ExperimentRun", quote(f"dcid.{run_id}")))

    def names(self, run_id: str) -> tuple[str, ...]:
        """The files of `outputs` and `logs` in the run's working folder."""
        found = (str(item["path"]) for item in self._wire.pages(self._artifacts(run_id)))
        return tuple(sorted(n for n in found if n.startswith(("outputs/", "logs/"))))

    def download(self, run_id: str, name: str) -> bytes:
        data = self._file(run_id, name)
        if data is None:
            raise WorkspaceError(f"{name} of run {run_id} no longer exists")
        return data

    # Logs ----------------------------------------------------------------------------------------

    def log(self, run: Run, *, follow: bool) -> Iterator[str]:
        """The run's own log; while there is none, that of its image's build or of the system."""
        printed: dict[str, int] = {}
        while True:
            # Checked before reading, so that everything written before the end is read below.
            details = self.details(run.id)
            over = not follow or not phases.phase(str(details.get("status")), run.id).live
            yield from self._news(details.get("logFiles") or {}, printed)
            if over:
                return
            time.sleep(self._tick)

    def details(self, run_id: str) -> Mapping[str, Any]:
        """What was submitted, and where the logs are."""
        body = self._wire.get(self._connection.run(run_id))
        address = self._connection.run_in(str(body["experimentId"]), run_id)
        details: Mapping[str, Any] = self._wire.get(f"{address}/details")
        return details

    def _news(self, files: Mapping[str, str], printed: dict[str, int]) -> Iterator[str]:
        for name in log_names(tuple(files)):
            new = self._wire.signed(files[name], printed.get(name, 0))
            # The upload may end within a character: the rest comes with the next read.
            whole = _whole_characters(new)
            printed[name] = printed.get(name, 0) + len(whole)
            yield from whole.decode(errors="replace").splitlines(keepends=True)


def log_names(files: Sequence[str]) -> tuple[str, ...]:
    """The logs to show: the first group of which any exists."""
    for group in _LOGS:
        found = tuple(
            file
            for wanted in group
            for file in sorted(files)
            if file == wanted or (wanted.endswith("/") and file.startswith(wanted))
        )
        if found:
            return found
    return tuple(sorted(files))


def _whole_characters(data: bytes) -> bytes:
    for cut in range(min(3, len(data)) + 1):
        try:
            data[: len(data) - cut].decode()
        except UnicodeDecodeError:
            continue
        return data[: len(data) - cut]
    return data


def settled(run: Run, now: datetime) -> bool:
    """Whether a run's metrics are final: the last ones arrive after its end."""
    if run.phase.live or not run.ended_at:
        return False
    return now - datetime.fromisoformat(run.ended_at) > _INGESTION
