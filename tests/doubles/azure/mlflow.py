"""MLflow's REST on top of run history, so that a job that only knows MLflow can log."""

from datetime import UTC, datetime
from typing import Any

from . import metrics
from .answers import Answer, Refused
from .blobstore import ARTIFACTS
from .routing import Call, routes
from .state import Run

BASE = "/mlflow/v[12].0{ws}/api/2.0/mlflow"
FILES = "/mlflow/v[12].0{ws}/api/2.0/mlflow-artifacts/artifacts"
STATUS = {"Completed": "FINISHED", "Failed": "FAILED", "Canceled": "KILLED", "Running": "RUNNING"}


def _find(service: Any, run_id: str | None) -> Run:
    if run_id not in service.state.runs:
        raise Refused(404, f"Run '{run_id}' not found", "RESOURCE_DOES_NOT_EXIST")
    return service.state.runs[run_id]


def _sent(service: Any, call: Call) -> tuple[Run, dict[str, Any]]:
    sent = call.json()
    return _find(service, sent.get("run_id") or sent.get("run_uuid")), sent


def _milliseconds(moment: str | None) -> int | None:
    return int(datetime.fromisoformat(moment).timestamp() * 1000) if moment else None


def _shown(run: Run) -> dict[str, Any]:
    dto = run.dto
    info = {
        "run_id": run.id,
        "run_uuid": run.id,
        "run_name": dto["displayName"],
        "experiment_id": dto["experimentId"],
        "status": STATUS.get(run.status, "SCHEDULED"),
        "start_time": _milliseconds(dto["startTimeUtc"] or dto["createdUtc"]),
        "end_time": _milliseconds(dto["endTimeUtc"]),
        "artifact_uri": f"mlflow-artifacts:/ExperimentRun/{run.container}",
        "lifecycle_stage": "active",
    }
    last = [
        _metric(metric.name, metric.values[-1]) for metric in run.metrics.values() if metric.values
    ]
    tags = {**run.properties, **run.tags}
    data = {"metrics": last, "params": _pairs(run.parameters), "tags": _pairs(tags)}
    return {"info": info, "data": data, "inputs": {}}


def _pairs(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]


def _metric(name: str, value: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": name,
        "value": value["data"].get(name),
        "timestamp": _milliseconds(value["createdUtc"]),
        "step": value.get("step") or 0,
    }


def _log_metric(run: Run, sent: dict[str, Any]) -> None:
    moment = datetime.fromtimestamp(int(sent.get("timestamp", 0)) / 1000, UTC)
    at = moment.isoformat().replace("+00:00", "Z")
    metrics.record(run, sent["key"], float(sent["value"]), int(sent.get("step") or 0), at)


def get_run(service: Any, call: Call) -> Answer:
    run = _find(service, call.query.get("run_id") or call.query.get("run_uuid"))
    return Answer(body={"run": _shown(run)})


def update_run(service: Any, call: Call) -> Answer:
    """A submitted run's status is the service's own matter; only the name is taken."""
    run, sent = _sent(service, call)
    run.dto["displayName"] = sent.get("run_name") or run.dto["displayName"]
    return Answer(body={"run_info": _shown(run)["info"]})


def log_metric(service: Any, call: Call) -> Answer:
    _log_metric(*_sent(service, call))
    return Answer(body={})


def log_parameter(service: Any, call: Call) -> Answer:
    run, sent = _sent(service, call)
    run.parameters[sent["key"]] = str(sent["value"])
    return Answer(body={})


def set_tag(service: Any, call: Call) -> Answer:
    run, sent = _sent(service, call)
    run.tags[sent["key"]] = str(sent["value"])
    return Answer(body={})


def log_batch(service: Any, call: Call) -> Answer:
    run, sent = _sent(service, call)
    for metric in sent.get("metrics") or []:
        _log_metric(run, metric)
    run.parameters.update({one["key"]: str(one["value"]) for one in sent.get("params") or []})
    run.tags.update({one["key"]: str(one["value"]) for one in sent.get("tags") or []})
    return Answer(body={})


def history(service: Any, call: Call) -> Answer:
    run, name = _find(service, call.query.get("run_id")), call.query["metric_key"]
    values = run.metrics[name].values if name in run.metrics else []
    return Answer(body={"metrics": [_metric(name, value) for value in values]})


def get_experiment(service: Any, call: Call) -> Answer:
    wanted = call.query.get("experiment_id"), call.query.get("experiment_name")
    for one in service.state.experiments.values():
        if one["experimentId"] == wanted[0] or one["name"] == wanted[1]:
            shown = {
                "experiment_id": one["experimentId"],
                "name": one["name"],
                "artifact_location": "mlflow-artifacts:/ExperimentRun",
                "lifecycle_stage": "active",
                "tags": _pairs(one["tags"]),
            }
            return Answer(body={"experiment": shown})
    raise Refused(404, "No such experiment", "RESOURCE_DOES_NOT_EXIST")


def put_file(service: Any, call: Call) -> Answer:
    service.blobs.put(ARTIFACTS, call["path"], call.body)
    return Answer(body={})


def get_file(service: Any, call: Call) -> Answer:
    return Answer(body=service.blobs.get(ARTIFACTS, call["path"]))


def list_files(service: Any, call: Call) -> Answer:
    """One level of a run's artifacts, as MLflow's own store answers it."""
    run = _find(service, call.query.get("run_id"))
    root = f"ExperimentRun/{run.container}"
    below = call.query.get("path", "").strip("/")
    files = _level(service, f"{root}/{below}".rstrip("/"))
    inside = [{**one, "path": f"{below}/{one['path']}".lstrip("/")} for one in files]
    return Answer(body={"root_uri": f"mlflow-artifacts:/{root}", "files": inside})


def list_proxied(service: Any, call: Call) -> Answer:
    """The same through the proxied artifact store: `path` is below its root."""
    return Answer(body={"files": _level(service, call.query.get("path", "").strip("/"))})


def _level(service: Any, folder: str) -> list[dict[str, Any]]:
    sizes: dict[str, int | None] = {}
    for name in service.blobs.names(ARTIFACTS, f"{folder}/"):
        head, more, _ = name[len(folder) + 1 :].partition("/")
        sizes[head] = None if more else service.blobs.path(ARTIFACTS, name).stat().st_size
    return [
        {"path": name, "is_dir": True}
        if size is None
        else {"path": name, "is_dir": False, "file_size": size}
        for name, size in sizes.items()
    ]


ROUTES = routes(
    "mlflow",
    (f"GET {BASE}/runs/get", get_run),
    (f"POST {BASE}/runs/update", update_run),
    (f"POST {BASE}/runs/log-metric", log_metric),
    (f"POST {BASE}/runs/log-parameter", log_parameter),
    (f"POST {BASE}/runs/set-tag", set_tag),
    (f"POST {BASE}/runs/log-batch", log_batch),
    (f"GET {BASE}/metrics/get-history", history),
    (f"GET {BASE}/experiments/get", get_experiment),
    (f"GET {BASE}/experiments/get-by-name", get_experiment),
    (f"GET {BASE}/artifacts/list", list_files),
    (f"GET {FILES}", list_proxied),
    (f"PUT {FILES}/{{path*}}", put_file),
    (f"GET {FILES}/{{path*}}", get_file),
)
