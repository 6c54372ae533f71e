"""The contract suite's hand on the runs of the azureml adapter: the emulator, driven by hand."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gitrain.manifest import JobSpec, Output
from gitrain.observed import Observed, Phase, Run
from gitrain.workspace import Query, Submission
from gitrain.workspaces.azureml.workspace import AzuremlRuns
from tests.unit.workspaces.azureml import place
from tests.unit.workspaces.azureml.place import (
    a_workspace,
    an_environment_use,
    the_emulator,
    the_run,
)

_STATUS = {Phase.COMPLETED: "Completed", Phase.FAILED: "Failed"}


class Anywhere(AzuremlRuns):
    """Gives a cluster and an environment to jobs that the suite leaves without."""

    def submit(self, submission: Submission) -> Run:
        spec, emulator = submission.spec, the_emulator()
        if not spec.compute:
            if "cpu" not in emulator.state.computes:
                emulator.add_cluster("cpu")
            spec = msgspec.structs.replace(spec, compute="cpu")
        use = submission.environment or an_environment_use(emulator)
        return super().submit(msgspec.structs.replace(submission, spec=spec, environment=use))

    def observe(self, query: Query) -> Observed:
        """Azure writes sizes in capitals, and always says the region: the plan sees no difference
        there, and the suite need not."""
        seen = super().observe(query)
        known = {"STANDARD_NC4AS_T4_V3": "Standard_NC4as_T4_v3"}
        clusters = {}
        for name, state in seen.clusters.items():
            size = known.get(state.spec.size, state.spec.size)
            spec = msgspec.structs.replace(state.spec, size=size, location="")
            clusters[name] = msgspec.structs.replace(state, spec=spec)
        return msgspec.structs.replace(seen, clusters=clusters)


class Azureml:
    """Runs nothing: a run continues as the suite says."""

    clusters = True

    def __init__(self, root: Path) -> None:
        self._open = ExitStack()
        self.emulator = self._open.enter_context(place.emulated())
        self.workspace: AzuremlRuns = a_workspace(root, kind=Anywhere)
        self._ends: dict[str, Phase] = {}
        self._texts: dict[str, tuple[str, list[dict[str, float]]]] = {}

    def holding(self, **given: Any) -> Submission:
        return self._submission(JobSpec(command="true"), given)

    def ending(self, phase: Phase, **given: Any) -> Submission:
        submission = self.holding(**given)
        self._ends[submission.run_id] = phase
        return submission

    def writing(self, log: str, metrics: list[dict[str, float]], **given: Any) -> Submission:
        spec = JobSpec(command="true", outputs={"model": Output()})
        canonical = {"command": "true", "outputs": {"model": {}}}
        submission = self._submission(spec, {"canonical": canonical, **given})
        self._texts[submission.run_id] = (log, metrics)
        return submission

    def _submission(self, spec: JobSpec, given: dict[str, Any]) -> Submission:
        given = {"spec": spec, "placement": {}, "environment": None, **given}
        return place.a_submission(**given)

    def running(self, run: Run) -> None:
        self._write(run)
        self.emulator.jobs.drive(run.id, status="Running")

    def finish(self, run: Run, phase: Phase = Phase.COMPLETED) -> Run:
        self._write(run)
        self.emulator.jobs.drive(run.id, status="Running")
        self.emulator.jobs.drive(run.id, status=_STATUS[self._ends.get(run.id, phase)])
        return the_run(self.workspace, run)

    def _write(self, run: Run) -> None:
        if run.id not in self._texts:
            return
        log, metrics = self._texts.pop(run.id)
        lines = "".join(msgspec.json.encode(line).decode() + "\n" for line in metrics)
        files = {"user_logs/std_log.txt": log, "outputs/metrics.jsonl": lines}
        self.emulator.jobs.drive(run.id, files=files)
        blobs = self.emulator.blobs
        blobs.put(blobs.container, f"gitrain/{run.id}/model/w", b"weights")

    def preempt(self, run: Run) -> None:
        pytest.skip("Azure ML itself starts a preempted run again: it is never ours to resume")

    def trace(self) -> object:
        return self.emulator.state.describe()

    def close(self) -> None:
        self._open.close()
