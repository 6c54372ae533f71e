"""The execution service: a submission becomes a run and its job; cancel ends it."""

import json
import re
from email.parser import BytesParser
from typing import Any
from urllib.parse import quote

from . import artifacts, runs, snapshots
from .answers import Answer, Refused
from .routing import Call, routes
from .state import OVER, Run

BASE = "/execution/v1.0{ws}/experiments/{experiment}"
RUN_ID = re.compile(r"[a-zA-Z0-9][\w-]{0,255}")


def start_snapshot(service: Any, call: Call) -> Answer:
    """`exp.submit`: the definition, and the id of a snapshot that was uploaded before."""
    sent = call.json()
    snapshot = sent.get("SnapshotId")
    if snapshot not in service.state.snapshots:
        raise Refused(400, f"Snapshot {snapshot} does not exist.")
    return _start(service, call, sent, snapshot)


def start_zip(service: Any, call: Call) -> Answer:
    """The older way: definition and sources as two files of one form."""
    form = BytesParser().parsebytes(
        b"Content-Type: " + call.headers["content-type"].encode() + b"\r\n\r\n" + call.body
    )
    parts = {part.get_filename(): part.get_payload(decode=True) for part in form.get_payload()}
    snapshot = snapshots.from_zip(service, parts["project.zip"])
    return _start(service, call, json.loads(parts["definition.json"]), snapshot)


def _start(service: Any, call: Call, sent: dict[str, Any], snapshot: str) -> Answer:
    run_id = call.query.get("runId") or f"{call['experiment']}_{len(service.state.runs) + 1}"
    if not RUN_ID.fullmatch(run_id):
        raise Refused(400, f"'{run_id}' is not a valid run id.")
    old = service.state.runs.get(run_id)
    if old and (old.definition is not None or old.experiment != call["experiment"]):
        return _again(service, old, call["experiment"])
    configuration = sent["Configuration"]
    _check_target(service, configuration)
    run = old or runs.make(service, call["experiment"], run_id)
    _describe(service, run, sent, snapshot)
    service.jobs.start(run)
    return Answer(body={"runId": run_id})


def _again(service: Any, run: Run, experiment: str) -> Answer:
    """A second submission of the same id: nobody has written down what Azure does."""
    if run.experiment != experiment:
        raise Refused(400, runs.elsewhere(run, experiment))
    run.submissions += 1
    if service.switches.second_submission == "accepted":
        return Answer(body={"runId": run.id})
    status = 409 if service.switches.second_submission == "conflict" else 400
    raise Refused(status, f"A run with id {run.id} already exists.")


def _check_target(service: Any, configuration: dict[str, Any]) -> None:
    target = configuration.get("target")
    body = service.state.computes.get(target)
    if body is None or body["properties"]["provisioningState"] == "Deleting":
        raise Refused(400, f"Unknown compute target '{target}'.")
    most = body["properties"]["properties"]["scaleSettings"]["maxNodeCount"]
    nodes = configuration.get("nodeCount") or 1
    if nodes > most:
        raise Refused(400, f"Requested {nodes} nodes but the cluster has {most}.")


def _describe(service: Any, run: Run, sent: dict[str, Any], snapshot: str) -> None:
    configuration = sent["Configuration"]
    run.definition, run.snapshot, run.submissions = sent, snapshot, 1
    base = service.place.services + "/execution/v1.0" + service.place.scope
    run.dto |= {
        "runType": "azureml.scriptrun",
        "runTypeV2": {"orchestrator": "Execution", "traits": ["scriptrun"]},
        "target": configuration.get("target"),
        "scriptName": configuration.get("script"),
        "parentRunId": sent.get("ParentRunId"),
        "runDefinition": None,
        "cancelUri": f"{base}/experiments/{quote(run.experiment)}/runId/{run.id}/cancel",
        "diagnosticsUri": f"{base}/experiments/{quote(run.experiment)}/runId/{run.id}/diagnostics",
    }
    environment = configuration.get("environment") or {}
    run.properties.update(
        {
            "_azureml.ComputeTargetType": "amlctrain",
            "ContentSnapshotId": snapshot,
            "azureml.runsource": "azureml.scriptrun",
            "ProcessInfoFile": "azureml-logs/process_info.json",
            "ProcessStatusFile": "azureml-logs/process_status.json",
            "AzureML.DerivedImageName": f"azureml/azureml_{environment.get('name', 'autosave')}",
        }
    )
    if service.switches.submission_tags:
        sent = {name.lower(): value for name, value in sent.items()}
        runs.change(service, run, {name: sent.get(name) for name in ("tags", "properties")})


def cancel(service: Any, call: Call) -> Answer:
    """Ask the job to stop; of a run that is over, nothing happens."""
    run = runs.find(service, call, hidden=False)
    if run.status not in OVER:
        service.jobs.cancel(run.id)
    return Answer(200)


def details(service: Any, call: Call) -> Answer:
    """A run with what was submitted and where its logs are."""
    run = runs.find(service, call)
    definition = (run.definition or {}).get("Configuration")
    names = artifacts.names(service, run.container)
    logs = ("user_logs/", "system_logs/", "azureml-logs/", "logs/")
    dto = run.dto
    kept = ("runId", "target", "status", "startTimeUtc", "endTimeUtc", "error", "warnings")
    return Answer(
        body={
            **{name: dto[name] for name in kept},
            "properties": dict(run.properties),
            "inputDatasets": [],
            "outputDatasets": [],
            "services": {},
            "runDefinition": definition,
            "logFiles": {
                name: artifacts.address(service, run.container, name)
                for name in names
                if name.startswith(logs)
            },
        }
    )


ROUTES = (
    *routes(
        "execution",
        (f"POST {BASE}/snapshotrun", start_snapshot),
        (f"POST {BASE}/startrun", start_zip),
        (f"POST {BASE}/runId/{{run}}/cancel", cancel),
    ),
    *routes(
        "run",
        ("GET /history/v1.0{ws}/experiments/{experiment}/runs/{run}/details", details),
        ("GET /history/v1.0{ws}/experimentids/{experiment_id}/runs/{run}/details", details),
    ),
)
