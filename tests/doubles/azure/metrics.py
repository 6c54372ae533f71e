"""Metrics: the service that the SDK logs to and reads from, and the older one it can still ask."""

import re
import uuid
from typing import Any

from . import limits
from .answers import Answer, Refused, now
from .routing import Call, routes
from .state import Metric, Run

BASE = "/metric/v2.0{ws}/runs/{run}"
HISTORY = "/history/v1.0{ws}/experiments/{experiment}"
SCALAR = "azureml.v1.scalar"


def record(
    run: Run, name: str, value: float, step: int | None = None, at: str | None = None
) -> None:
    """Append a number to a metric, as MLflow and tests log it."""
    metric = run.metrics.setdefault(name, Metric(name, {name: "Double"}, SCALAR))
    metric.values.append(
        {
            "metricId": str(uuid.uuid4()),
            "createdUtc": at or now(),
            "step": step,
            "data": {name: value},
        }
    )


def find(service: Any, call: Call) -> Run:
    if call["run"] not in service.state.runs:
        raise Refused(404, f"Run {call['run']} was not found", "NotFound")
    return service.state.runs[call["run"]]


def post_batch(service: Any, call: Call) -> Answer:
    run = find(service, call)
    values = call.json().get("values", [])
    limits.metric_names(dict.fromkeys([*run.metrics, *(sent["name"] for sent in values)]))
    for sent in values:
        name = sent["name"]
        ux_type = (sent.get("properties") or {}).get("uxMetricType", SCALAR)
        metric = run.metrics.setdefault(name, Metric(name, {}, ux_type))
        metric.columns.update(sent.get("columns") or {})
        known = {value["metricId"] for value in metric.values}
        metric.values += [
            {"createdUtc": now(), "step": None, **value}
            for value in sent.get("value") or []
            if value.get("metricId") not in known
        ]
    return Answer(body={"errors": []})


def list_names(service: Any, call: Call) -> Answer:
    run = find(service, call)
    listed = [
        {"metricKey": {"namespace": None, "name": metric.name}, "columns": metric.columns}
        for metric in run.metrics.values()
    ]
    return Answer(body={"value": listed, "continuationToken": None})


def full(service: Any, call: Call) -> Answer:
    """All values of one metric, in pages."""
    run, sent = find(service, call), call.json()
    metric = run.metrics.get(sent.get("metricName", ""))
    if metric is None:
        raise Refused(404, f"Metric {sent.get('metricName')} not found.", "NotFound")
    start, size = int(sent.get("continuationToken") or 0), service.switches.page_size
    more = str(start + size) if start + size < len(metric.values) else None
    body = {
        "dataContainerId": run.container,
        "name": metric.name,
        "columns": metric.columns,
        "properties": {"uxMetricType": metric.ux_type},
        "namespace": None,
        "standardSchemaId": None,
        "value": metric.values[start : start + size],
        "continuationToken": more,
        "nextLink": None,
    }
    return Answer(body=body)


def wait(service: Any, call: Call) -> Answer:
    """Everything is ingested at once here."""
    return Answer(200)


def post_old(service: Any, call: Call) -> Answer:
    """The older service: one metric, or a batch, whose cells are rows."""
    run, sent = find(service, call), call.json()
    for one in sent.get("values", [sent]):
        metric = run.metrics.setdefault(
            one["name"], Metric(one["name"], {}, one.get("metricType", SCALAR))
        )
        for cell in one.get("cells") or []:
            columns = {
                key: "Double" if isinstance(v, float) else "String" for key, v in cell.items()
            }
            metric.columns.update(columns)
            moment = one.get("createdUtc") or now()
            value = {
                "metricId": one.get("metricId"),
                "createdUtc": moment,
                "step": None,
                "data": cell,
            }
            metric.values.append(value)
    return Answer(200)


def query_old(service: Any, call: Call) -> Answer:
    """The metrics of the runs that the filter names: `RunId eq a or RunId eq b`."""
    wanted = re.findall(r"RunId eq \"?([\w-]+)", call.json().get("filter") or "")
    found = [
        _old(run, metric)
        for run in service.state.runs.values()
        if run.experiment == call["experiment"] and (not wanted or run.id in wanted)
        for metric in run.metrics.values()
    ]
    return Answer(body={"value": found, "continuationToken": None, "nextLink": None})


def _old(run: Run, metric: Metric) -> dict[str, Any]:
    schema = [
        {"propertyId": name, "name": name, "type": kind.lower().replace("double", "float")}
        for name, kind in metric.columns.items()
    ]
    return {
        "runId": run.id,
        "metricId": f"{run.id}/{metric.name}",
        "metricType": metric.ux_type,
        "createdUtc": metric.values[0]["createdUtc"] if metric.values else now(),
        "name": metric.name,
        "description": "",
        "label": None,
        "numCells": len(metric.values),
        "dataLocation": None,
        "cells": [value["data"] for value in metric.values],
        "schema": {"numProperties": len(schema), "properties": schema},
    }


ROUTES = routes(
    "metric",
    (f"POST {BASE}/batch", post_batch),
    (f"POST? {BASE}/list", list_names),
    (f"POST? {BASE}/full", full),
    (f"GET {BASE}/metricsingest/wait", wait),
    (f"GET {HISTORY}/runs/{{run}}/metricsingest/wait", wait),
    (f"POST {HISTORY}/runs/{{run}}/metrics", post_old),
    (f"POST {HISTORY}/runs/{{run}}/batch/metrics", post_old),
    (f"POST? {HISTORY}/metrics:query", query_old),
)
