"""What a run reports: its metrics, its log, and the files of its working folder."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from gitrain.errors import WorkspaceError
from gitrain.metrics import (
    MOST_BYTES,
    MOST_IN_A_NAME,
    MOST_NAMES,
    MOST_SHOWN,
    MetricsError,
    MetricsReader,
)
from gitrain.observed import Metrics, Run
from gitrain.workspaces.azureml.http.addresses import Connection
from gitrain.workspaces.azureml.http.requests import NotFoundError, Wire
from gitrain.workspaces.azureml.outputs.series import extremes, series
from gitrain.workspaces.azureml.runs import phases

_METRICS_FILE = "outputs/metrics.jsonl"
_LOG_PIECE = 4 << 20
MOST_FILES = 100_000
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
        """From the run history (`Run.log`, MLflow); without any, from outputs/metrics.jsonl.

        Raises MetricsError when there are more than anyone reads."""
        return self._logged(run_id) or self._written(run_id).series()

    def extremes(self, run_id: str) -> Metrics:
        """No more than the last, smallest and largest value of each."""
        return extremes(self._logged(run_id)) or self._written(run_id).extremes()

    def _logged(self, run_id: str) -> Metrics:
        base = f"{self._connection.service('metric')}/runs/{quote(run_id)}"
        names: dict[str, None] = {}
        for metric in self._wire.query(f"{base}/list", {}):
            names[str(metric["metricKey"]["name"])] = None
            if len(names) > MOST_NAMES:
                raise MetricsError(f"more than {MOST_NAMES:,} names")
        return series(self._metric(base, name) for name in names)

    def _written(self, run_id: str) -> MetricsReader:
        """What is in the file, never held whole."""

        def take(pieces: Iterator[bytes]) -> MetricsReader:
            reader, size = MetricsReader(), 0
            for piece in pieces:
                size += len(piece)
                if size > MOST_BYTES:
                    raise MetricsError(f"more than {MOST_BYTES >> 20} MiB")
                reader.feed(piece)
            return reader

        try:
            return self._wire.streamed(self._address(run_id, _METRICS_FILE), take)
        except NotFoundError:
            return MetricsReader()

    def _metric(self, base: str, name: str) -> Mapping[str, Any]:
        """A metric with the values of all its batches."""
        asked = {"metricName": name}
        rows: list[Any] = []
        while True:
            body = self._wire.call("POST", f"{base}/full", asked).body
            rows += body.get("value") or ()
            if len(rows) > MOST_SHOWN:
                raise MetricsError(f"more than {MOST_SHOWN:,} values of {name[:MOST_IN_A_NAME]}")
            if not body.get("continuationToken"):
                return {**body, "value": rows}
            asked = {**asked, "continuationToken": body["continuationToken"]}

    def all_in(self, body: Mapping[str, Any]) -> bool:
        """Whether the run history has ingested everything that a run logged."""
        address = f"{self._connection.service('history')}/experimentids/{body['experimentId']}"
        experiment = self._connection.experiment(str(self._wire.get(address)["name"]))
        url = f"{experiment}/runs/{quote(str(body['runId']))}/metricsingest/wait"
        return self._wire.call("GET", url).status == 200

    def _address(self, run_id: str, path: str) -> str:
        return f"{self._artifacts(run_id, 'content')}/{quote(path)}"

    def _artifacts(self, run_id: str, *what: str) -> str:
        base = f"{self._connection.service('artifact')}/artifacts"
        return "/".join((base, *what, "ExperimentRun", quote(f"dcid.{run_id}")))

    def names(self, run_id: str) -> tuple[str, ...]:
        """The files of `outputs` and `logs` in the run's working folder."""
        found: list[str] = []
        for item in self._wire.pages(self._artifacts(run_id)):
            name = str(item["path"])
            if name.startswith(("outputs/", "logs/")):
                found.append(name)
            if len(found) > MOST_FILES:
                raise WorkspaceError(f"run {run_id} left more than {MOST_FILES:,} files")
        return tuple(sorted(found))

    def download(self, run_id: str, name: str, target: Path) -> None:
        """Piece by piece: a file may be larger than the memory of whoever wants it."""

        def take(pieces: Iterator[bytes]) -> None:
            with target.open("wb") as file:
                for piece in pieces:
                    file.write(piece)

        try:
            self._wire.streamed(self._address(run_id, name), take)
        except NotFoundError:
            raise WorkspaceError(f"{name} of run {run_id} no longer exists") from None

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
            new = b" " * _LOG_PIECE
            while len(new) == _LOG_PIECE:
                new = self._wire.signed(files[name], printed.get(name, 0), _LOG_PIECE)
                # A character may be cut where the upload stood: its rest comes with the next look.
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
