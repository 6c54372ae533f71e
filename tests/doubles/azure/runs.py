"""Run history: runs as documents that are made, patched, asked for, listed and told of events."""

import uuid
from copy import deepcopy
from typing import Any

from . import experiments, filters, limits
from .answers import Answer, Refused, now
from .routing import Call, routes
from .state import Run

BASE = "/history/v1.0{ws}"
NAMED = f"{BASE}/experiments/{{experiment}}"
BY_ID = f"{BASE}/experimentids/{{experiment_id}}"
EVENTS = {
    "Microsoft.MachineLearning.Run.Start": "Running",
    "Microsoft.MachineLearning.Run.Completed": "Completed",
    "Microsoft.MachineLearning.Run.Failed": "Failed",
    "Microsoft.MachineLearning.Run.Canceled": "Canceled",
    "Microsoft.MachineLearning.Run.CancelRequested": "CancelRequested",
}


def make(service: Any, experiment: str, run_id: str) -> Run:
    """A new run, not started, in an experiment that is made if it is new."""
    place = service.place
    dto = {
        "runId": run_id,
        "runNumber": len(service.state.runs) + 1,
        "runUuid": str(uuid.uuid4()),
        "rootRunId": run_id,
        "parentRunId": None,
        "experimentId": service.state.experiment(experiment)["experimentId"],
        "createdUtc": now(),
        "createdBy": {
            "userObjectId": place.client_id,
            "userTenantId": place.tenant,
            "userName": "ci",
        },
        "userId": place.client_id,
        "status": "NotStarted",
        "startTimeUtc": None,
        "endTimeUtc": None,
        "heartbeatEnabled": False,
        "name": None,
        "displayName": run_id,
        "description": None,
        "dataContainerId": f"dcid.{run_id}",
        "hidden": False,
        "runType": None,
        "runTypeV2": {"orchestrator": None, "traits": []},
        "properties": {},
        "tags": {},
        "scriptName": None,
        "target": None,
        "error": None,
        "warnings": None,
        "cancelUri": None,
    }
    run = service.state.runs[run_id] = Run(dto, experiment)
    service.faults.created("run", run_id)
    return run


def find(service: Any, call: Call, hidden: bool = True) -> Run:
    """The run of the path, in the experiment of the path if it names one; else 404."""
    run = service.state.runs.get(call["run"])
    if run and "experiment_id" in call.found:
        run = run if run.dto["experimentId"] == call["experiment_id"] else None
    elif run and call.found.get("experiment", run.experiment) != run.experiment:
        run = None
    if run is None or (hidden and service.faults.hides("run", run.id)):
        raise Refused(404, f"Run {call['run']} was not found", "NotFound")
    return run


def get(service: Any, call: Call) -> Answer:
    return Answer(body=deepcopy(find(service, call).dto))


def patch(service: Any, call: Call) -> Answer:
    """Change a run, or make it: the SDK's own child and interactive runs begin so."""
    return Answer(body=deepcopy(_upsert(service, call, call["run"], call.json()).dto))


def _upsert(service: Any, call: Call, run_id: str, sent: dict[str, Any]) -> Run:
    if "experiment_id" in call.found:
        experiment = experiments.by_id(service, call)["name"]
    else:
        experiment = call["experiment"]
    run = service.state.runs.get(run_id) or make(service, experiment, run_id)
    if run.experiment != experiment:
        raise Refused(400, elsewhere(run, experiment))
    change(service, run, sent)
    return run


def elsewhere(run: Run, experiment: str) -> str:
    """What the service says when a run id is taken in another experiment."""
    return (
        f"Cannot create a run with runId={run.id} and experimentId={experiment}. As a run with "
        f"runId = {run.id} and experimentId = {run.experiment} already exists in the workspace"
    )


def change(service: Any, run: Run, sent: dict[str, Any]) -> None:
    """Merge tags and properties, set what is sent of the rest."""
    properties = {key: value for key, value in (sent.get("properties") or {}).items() if value}
    if service.switches.properties_immutable:
        for key, value in properties.items():
            if run.properties.get(key, value) != value:
                raise Refused(400, f"Property '{key}' of run {run.id} cannot be changed.")
    tags = {key: str(value) for key, value in (sent.get("tags") or {}).items()}
    limits.pairs("properties", {**run.properties, **properties})
    limits.pairs("tags", {**run.tags, **tags})
    limits.texts(sent)
    run.properties.update(properties)
    run.tags.update(tags)
    rest = set(run.dto) - {"runId", "properties", "tags", "status", "experimentId"}
    run.dto.update({key: sent[key] for key in rest if sent.get(key) is not None})
    parent = service.state.runs.get(run.dto["parentRunId"] or "")
    if parent:
        run.dto["rootRunId"] = parent.dto["rootRunId"]
    if sent.get("status"):
        run.enter(sent["status"])


def batch(service: Any, call: Call) -> Answer:
    made = {
        sent["runId"]: _upsert(service, call, sent["runId"], sent) for sent in call.json()["runs"]
    }
    return Answer(body={"runs": {name: run.dto for name, run in made.items()}, "errors": {}})


def delete_tags(service: Any, call: Call) -> Answer:
    run = find(service, call)
    for tag in call.json():
        run.tags.pop(tag, None)
    return Answer(body=deepcopy(run.dto))


def query(service: Any, call: Call) -> Answer:
    """An experiment's runs that pass the filter."""
    name = call.found.get("experiment") or experiments.by_id(service, call)["name"]
    if name not in service.state.experiments:
        raise Refused(404, f"Experiment {name} not found.", "NotFound")
    return _list(service, call.json(), lambda run: run.experiment == name)


def by_compute(service: Any, call: Call) -> Answer:
    """The runs of a cluster that are not over; the parameters stand in the query."""
    asked = {name.lstrip("$"): value for name, value in call.query.items()}
    live = ("Queued", "Starting", "Preparing", "Running", "Finalizing", "NotStarted")
    return _list(
        service, asked, lambda run: run.dto["target"] == call["compute"] and run.status in live
    )


def children(service: Any, call: Call) -> Answer:
    parent = find(service, call)
    return _list(service, dict(call.query), lambda run: run.dto["parentRunId"] == parent.id)


def _list(service: Any, asked: dict[str, Any], belongs: Any) -> Answer:
    test = filters.parse(asked.get("filter") or "")
    found = [
        deepcopy(run.dto)
        for run in service.state.runs.values()
        if belongs(run) and test(run.dto) and not service.faults.hides("run", run.id)
    ]
    return Answer(body=filters.page(found, asked, service.switches.page_size))


def batch_data(service: Any, call: Call) -> Answer:
    """Many runs by their ids, in whatever experiment; each is found or failed by itself."""
    found: dict[str, Any] = {}
    failed: dict[str, Any] = {}
    for key, asked in call.json()["requests"].items():
        run = service.state.runs.get(asked["runId"])
        if run is None or service.faults.hides("run", run.id):
            message = f"Run {asked['runId']} was not found"
            inner = {"code": "NotFoundError", "innerError": None}
            failed[key] = {"error": {"code": "UserError", "message": message, "innerError": inner}}
        elif asked.get("selectRunMetadata"):
            found[key] = {"runMetadata": deepcopy(run.dto)}
    return Answer(body={"successfulResults": found, "failedResults": failed})


def events(service: Any, call: Call) -> Answer:
    """What an interactive run says of itself."""
    _tell(service, find(service, call), call.json())
    return Answer(200)


def batch_events(service: Any, call: Call) -> Answer:
    for event in call.json().get("events", []):
        run = service.state.runs.get((event.get("data") or {}).get("runId", ""))
        if run:
            _tell(service, run, event)
    return Answer(body={"errors": []})


def _tell(service: Any, run: Run, event: dict[str, Any]) -> None:
    status = EVENTS.get(event.get("name", ""))
    if event.get("name", "").endswith("Error"):
        run.dto["error"] = {"error": (event.get("data") or {}).get("errorDetails")}
    # A job's own process says nothing of its status: the service knows better.
    if status and run.definition is None:
        run.enter(status)


def token(service: Any, call: Call) -> Answer:
    run = find(service, call)
    return Answer(
        body={
            "token": service.tokens.mint(86400, job=run.id),
            "expiryTimeUtc": "2099-01-01T00:00:00Z",
        }
    )


ROUTES = routes(
    "run",
    (f"GET {BASE}/runs/{{run}}", get),
    (f"POST? {BASE}/batchrundata", batch_data),
    (f"GET {BASE}/computes/{{compute}}/runs", by_compute),
    (f"POST? {NAMED}/runs:query", query),
    (f"POST? {BY_ID}/runs:query", query),
    (f"POST {NAMED}/batch/runs", batch),
    (f"POST {NAMED}/batch/events", batch_events),
    *[
        (f"{method} {base}/runs/{{run}}{rest}", handle)
        for base in (NAMED, BY_ID)
        for method, rest, handle in (
            ("GET", "", get),
            ("PATCH", "", patch),
            ("GET", "/children", children),
            ("DELETE", "/tags", delete_tags),
            ("POST", "/events", events),
            ("GET", "/token", token),
            ("POST?", "/token", token),
        )
    ],
)
