"""Experiments: made by name, asked for by name or id, tagged."""

import re
from typing import Any

from . import filters, limits
from .answers import Answer, Refused
from .routing import Call, routes

BASE = "/history/v1.0{ws}"


def get(service: Any, call: Call) -> Answer:
    if call["experiment"] not in service.state.experiments:
        raise Refused(404, f"Experiment {call['experiment']} not found.", "NotFound")
    return Answer(body=service.state.experiments[call["experiment"]])


def create(service: Any, call: Call) -> Answer:
    if not re.fullmatch(r"[a-zA-Z0-9][\w-]{0,255}", call["experiment"]):
        raise Refused(400, f"'{call['experiment']}' is not a valid experiment name.")
    return Answer(body=service.state.experiment(call["experiment"]))


def by_id(service: Any, call: Call) -> dict[str, Any]:
    """The experiment of an id in the path; 404 if there is none."""
    for experiment in service.state.experiments.values():
        if experiment["experimentId"] == call["experiment_id"]:
            return experiment
    raise Refused(404, f"Experiment {call['experiment_id']} not found.", "NotFound")


def get_by_id(service: Any, call: Call) -> Answer:
    return Answer(body=by_id(service, call))


def update(service: Any, call: Call) -> Answer:
    experiment, sent = by_id(service, call), call.json()
    tags = {**experiment["tags"], **(sent.get("tags") or {})}
    limits.pairs("tags", tags, 250)
    limits.texts(sent)
    experiment["tags"] = tags
    for name in ("description", "name"):
        if sent.get(name):
            experiment[name] = sent[name]
    return Answer(body=experiment)


def delete_tags(service: Any, call: Call) -> Answer:
    experiment = by_id(service, call)
    for tag in call.json():
        experiment["tags"].pop(tag, None)
    return Answer(body=experiment)


def query(service: Any, call: Call) -> Answer:
    sent = call.json()
    test = filters.parse(sent.get("filter") or "")
    found = [one for one in service.state.experiments.values() if test(one)]
    return Answer(body=filters.page(found, sent, service.switches.page_size))


ROUTES = routes(
    "experiment",
    (f"GET {BASE}/experiments/{{experiment}}", get),
    (f"POST {BASE}/experiments/{{experiment}}", create),
    (f"GET {BASE}/experimentids/{{experiment_id}}", get_by_id),
    (f"PATCH {BASE}/experimentids/{{experiment_id}}", update),
    (f"POST {BASE}/experimentids/{{experiment_id}}/tags:delete", delete_tags),
    (f"POST? {BASE}/experiments:query", query),
)
