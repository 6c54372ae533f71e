"""The tests' side door when the emulator is its own process: `/_emul/…`."""

from dataclasses import asdict
from typing import Any

from .answers import Answer, Refused
from .routing import Call, routes


def state(service: Any, call: Call) -> Answer:
    """Everything: what exists, what was asked, what was unknown or broken."""
    return Answer(
        body={
            "state": service.state.describe(),
            "counts": service.requests.counts(),
            "faults": [asdict(fault) for fault in service.faults.set],
            "switches": asdict(service.switches),
            "unknown": service.unknown,
            "defects": service.defects,
        }
    )


def requests(service: Any, call: Call) -> Answer:
    return Answer(body=service.requests.describe())


def forget(service: Any, call: Call) -> Answer:
    service.requests.reset()
    return Answer(body={})


def reset(service: Any, call: Call) -> Answer:
    """As freshly started: nothing exists, no faults, default switches. Jobs are killed."""
    service.reset()
    return Answer(body={})


def add_fault(service: Any, call: Call) -> Answer:
    service.faults.add(**call.json())
    return Answer(body={})


def clear_faults(service: Any, call: Call) -> Answer:
    service.faults.clear()
    return Answer(body={})


def lag(service: Any, call: Call) -> Answer:
    service.faults.lag(**call.json())
    return Answer(body={})


def client(service: Any, call: Call) -> Answer:
    """Who is killed by a fault that kills; null: whoever sent the request."""
    service.faults.client_pid = call.json()["pid"]
    return Answer(body={})


def expire(service: Any, call: Call) -> Answer:
    service.tokens.expire()
    return Answer(body={})


def switch(service: Any, call: Call) -> Answer:
    try:
        service.switches.set(**call.json())
    except TypeError as error:
        raise Refused(400, str(error)) from error
    return Answer(body=asdict(service.switches))


def drive(service: Any, call: Call) -> Answer:
    """Change a run from the service's side: {status, error, metrics, files, preempt}."""
    sent = call.json()
    if sent.pop("preempt", False):
        service.jobs.preempt(call["run"])
    else:
        service.jobs.drive(call["run"], **sent)
    return Answer(body=service.state.runs[call["run"]].describe())


def trouble(service: Any, call: Call) -> Answer:
    """{name, message, code}: a cluster gets no nodes."""
    service.set_trouble(**call.json())
    return Answer(body={})


def data(service: Any, call: Call) -> Answer:
    sent = call.json()
    service.add_data(sent["name"], sent["version"], sent["uri"], sent.get("kind", "uri_folder"))
    return Answer(body={})


ROUTES = routes(
    "control",
    ("GET /_emul/state", state),
    ("GET /_emul/requests", requests),
    ("DELETE /_emul/requests", forget),
    ("POST /_emul/reset", reset),
    ("POST /_emul/faults", add_fault),
    ("DELETE /_emul/faults", clear_faults),
    ("POST /_emul/lag", lag),
    ("POST /_emul/client", client),
    ("POST /_emul/expire", expire),
    ("POST /_emul/switches", switch),
    ("POST /_emul/runs/{run}", drive),
    ("POST /_emul/data", data),
    ("POST /_emul/trouble", trouble),
    open_to_all=True,
)
