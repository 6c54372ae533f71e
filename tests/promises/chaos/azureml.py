"""The world at the Azure emulator: the real adapter, the real SDK, real HTTP."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from gitrain.observed import Cause, Phase, Run, Tags
from gitrain.resolve import Kind
from gitrain.workspace import Query, Workspace
from gitrain.workspaces.azureml.runs.record import (
    CAUSE,
    PROJECT,
    VARIABLE,
    own_tags,
    unpacked,
)
from tests.doubles.azure import runs as history
from tests.doubles.azure import state
from tests.promises.chaos.calls import Crash, Work
from tests.promises.chaos.repository import NEIGHBOUR
from tests.promises.chaos.repository import PROJECT as PETS
from tests.runs import a_run, an_identity
from tests.unit.workspaces.azureml.place import a_workspace, an_environment_use, emulated

PHASES = {
    "NotStarted": Phase.QUEUED,
    "Running": Phase.RUNNING,
    "CancelRequested": Phase.FINISHING,
    "Completed": Phase.COMPLETED,
    "Failed": Phase.FAILED,
    "Canceled": Phase.CANCELED,
}
# Its id is of the form that ours have, and it is none of ours.
STRANGER = "pets-b-0123456789ab-1"


class Azureml:
    kind: Kind = "azureml"
    clusters = True
    preempts = False
    calls = 30

    def __init__(self) -> None:
        self.accuracy: dict[str, float] = {}
        self._open = ExitStack()
        self.emulator = self._open.enter_context(emulated())
        self.root = Path(tempfile.mkdtemp(prefix="gitrain-chaos-"))
        an_environment_use(self.emulator, "shared")
        versions = self.emulator.state.environments["shared"]
        versions["7"] = versions.pop("1") | {"version": "7"}
        history.make(self.emulator, "pets", STRANGER)

    def client(self) -> Workspace:
        return a_workspace(self.root)

    def command(self, word: str) -> str:
        return word

    def runs(self) -> Mapping[str, Run]:
        return {run.id: _run(run) for run in self.emulator.state.runs.values()}

    def takes(self, run_id: str) -> tuple[str, ...]:
        definition = self.emulator.state.runs[run_id].definition or {}
        configuration = definition.get("Configuration", {})
        parts = [configuration.get(key) for key in ("data", "dataReferences")]
        return tuple(dict.fromkeys(re.findall(r"gitrain/([\w-]+)/m", json.dumps(parts))))

    def resources(self) -> Mapping[str, tuple[Any, ...]]:
        found: dict[str, tuple[Any, ...]] = {}
        for name, body in self.emulator.state.computes.items():
            inner = body["properties"]["properties"]
            most = inner["scaleSettings"]["maxNodeCount"]
            owner = (body.get("tags") or {}).get(PROJECT, "")
            found[f"cluster/{name}"] = (owner, most, inner["vmPriority"])
        for name, versions in self.emulator.state.environments.items():
            found |= {f"environment/{name}/{version}": () for version in versions}
        return found

    def duplicates(self) -> list[str]:
        runs = self.emulator.state.runs.values()
        return [f"{run.id} {run.submissions} times" for run in runs if run.submissions > 1]

    def orphans(self) -> list[str]:
        """A run that lacks our tags, as whoever started it died, says by its own variables whose it
        is: until its job is planned again no one writes them."""
        runs = self.emulator.state.runs.values()
        looks = [self.client().observe(Query(project=one)) for one in (PETS, NEIGHBOUR)]
        known = {run.id for look in looks for run in look.runs}
        untold = [run.id for run in runs if run.definition and run.id not in known]
        unmade = [run.id for run in runs if not run.definition and run.id != STRANGER]
        return [*(f"untold {one}" for one in untold), *(f"not started {one}" for one in unmade)]

    def end(self, run_id: str, phase: Phase, accuracy: float) -> None:
        self.accuracy[run_id] = accuracy
        jobs = self.emulator.jobs
        jobs.drive(run_id, status="Running", metrics={"accuracy": [accuracy]})
        failed = phase is Phase.FAILED
        error = "The command failed with exit code 1." if failed else None
        jobs.drive(run_id, status="Failed" if failed else "Completed", error=error)

    def lose(self, run_id: str) -> None:
        raise NotImplementedError("Azure ML itself starts a preempted run again")

    def stop(self, run_id: str) -> None:
        """In the studio, which writes nothing of ours."""
        self.emulator.jobs.drive(run_id, status="Canceled")

    def slow(self, on: bool) -> None:
        self.emulator.switches.set(slow_cancel=on)

    def calm(self) -> None:
        for run in self.emulator.state.runs.values():
            if run.status == "CancelRequested":
                run.enter("Canceled")

    def scale(self, cluster: str, most: int) -> None:
        body = self.emulator.state.computes[cluster]
        body["properties"]["properties"]["scaleSettings"]["maxNodeCount"] = most

    def delete(self, cluster: str) -> None:
        del self.emulator.state.computes[cluster]

    def die(self, work: Work, at: int, *, after: bool) -> None:
        """At a request: before it is sent, or when its answer has come and nobody has read it."""
        sys.setprofile(_Dying(at, after=after))
        with suppress(Crash):
            work(self.client())
        sys.setprofile(None)

    def disturb(self, work: Work, at: int, *, after: bool) -> None:
        when = "after" if after else "before"
        self.emulator.faults.add(".", nth=at + 1, reset=True, when=when)
        work(self.client())
        self.emulator.faults.clear()

    def close(self) -> None:
        self._open.close()
        shutil.rmtree(self.root, ignore_errors=True)


class _Dying:
    """A profiler that raises at a request of http.client."""

    def __init__(self, at: int, *, after: bool) -> None:
        self._left = at
        self._moment = ("return", "getresponse") if after else ("call", "putrequest")

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        code = frame.f_code
        if (event, code.co_name) == self._moment and code.co_filename.endswith("http/client.py"):
            self._left -= 1
            if self._left == -1:
                raise Crash


def _run(run: state.Run) -> Run:
    """A run by what it was started with, and by what stands on it now."""
    configuration = (run.definition or {}).get("Configuration", {})
    packed = (configuration.get("environmentVariables") or {}).get(VARIABLE, "")
    record = unpacked(packed) if packed else None
    cause = run.tags.get(CAUSE)
    if cause is None and run.status == "Canceled":
        cause = Cause.PERSON
    return a_run(
        identity=record.identity if record else an_identity("", "", 0, ""),
        phase=PHASES[run.status],
        cause=Cause(cause) if cause else None,
        tags=own_tags(run.tags) or Tags(variant=bool(record and record.variant)),
    )
