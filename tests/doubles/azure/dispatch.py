"""From a request to its answer: the route, the token, the workspace, the handler, the faults."""

import time
import traceback
from dataclasses import dataclass

from . import blobs, control, table, tokens
from .answers import Answer, Refused, problem
from .faults import Fault
from .places import BLOB_SUFFIX
from .routing import Call, Route, find
from .service import Service


@dataclass
class Outcome:
    """What to answer, and the fault that strikes instead or besides."""

    answer: Answer
    kind: str
    reads: bool
    fault: Fault | None = None


def answer(service: Service, call: Call) -> Outcome:
    """Handle one request, unless a fault forbids that it has an effect."""
    if call.path.startswith("/_emul/"):
        return Outcome(_handle(service, control.ROUTES, call), "control", True)
    if call.host.split(":")[0].endswith(BLOB_SUFFIX):
        return _struck(service, call, blobs.ROUTES)
    return _struck(service, call, table.ROUTES)


def _struck(service: Service, call: Call, routes: tuple[Route, ...]) -> Outcome:
    found = find(routes, call.method, call.path)
    kind = found[0].kind if found else "unknown"
    reads = found[0].reads if found else call.method in ("GET", "HEAD")
    claims = service.tokens.read(call.headers.get("authorization", ""))
    call.source = "job" if claims and claims.get("job") else "client"
    fault = service.faults.strike(call, kind)
    if fault and fault.when == "before":
        time.sleep(fault.delay)
        if fault.kill or fault.reset or fault.status is not None:
            return Outcome(Answer(), kind, reads, fault)
    return Outcome(_handle(service, routes, call), kind, reads, fault)


def _handle(service: Service, routes: tuple[Route, ...], call: Call) -> Answer:
    found = find(routes, call.method, call.path)
    if found is None:
        service.unknown.append(f"{call.method} {call.host}{call.path}")
        return problem(404, f"The emulator has no {call.method} {call.path}.", "NotEmulated")
    route, call.found = found
    try:
        if not route.open:
            tokens.authorize(service, call)
        _check_workspace(service, call)
        if route.kind == "control":
            # It may wait for jobs, and they need the lock to end.
            return route.handle(service, call)
        with service.lock:
            return route.handle(service, call)
    except Refused as refused:
        return refused.answer
    except Exception:  # a defect of the emulator must reach the test, not hang it
        service.defects.append(traceback.format_exc())
        return problem(500, traceback.format_exc(), "EmulatorDefect")


def _check_workspace(service: Service, call: Call) -> None:
    place = service.place
    for part, name in (
        ("subscription", place.subscription),
        ("group", place.group),
        ("workspace", place.workspace),
    ):
        given = call.found.get(part, name)
        if given.lower() != name.lower():
            raise Refused(404, f"The {part} '{given}' could not be found.", "ResourceNotFound")
