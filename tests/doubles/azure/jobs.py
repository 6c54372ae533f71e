"""All jobs of the workspace: starting, cancelling, preempting, or driving them by hand."""

import shutil
import time
from typing import Any

from . import artifacts, metrics
from .blobstore import ARTIFACTS
from .job import Job
from .service import Service
from .state import OVER, Run


class Jobs:
    """What the clusters do. In `manual` mode nothing: a test says how each run continues."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.live: dict[str, Job] = {}

    def start(self, run: Run) -> None:
        """Begin to do what was submitted, in the way that the switch says."""
        mode = self.service.switches.execution
        if mode == "instant":
            run.enter("Running")
            run.enter("Completed")
        elif mode == "processes":
            job = self.live[run.id] = Job(self.service, run)
            job.start()

    def cancel(self, run_id: str) -> None:
        """Stop a run: its processes get SIGTERM, and after the grace SIGKILL."""
        run = self.service.state.runs[run_id]
        run.enter("CancelRequested")
        job = self.live.get(run_id)
        if job and job.is_alive():
            job.stop("cancel")
        elif not self.service.switches.slow_cancel:
            run.enter("Canceled")

    def preempt(self, run_id: str) -> None:
        """Take its node away: SIGKILL without warning, then the same run starts again."""
        if run_id in self.live:
            self.live[run_id].stop("preempt")
        else:
            self.service.state.runs[run_id].enter("Queued")

    def drive(
        self,
        run_id: str,
        status: str | None = None,
        error: str | None = None,
        metrics: dict[str, Any] | None = None,
        files: dict[str, str] | None = None,
    ) -> None:
        """Set what a test wants of a run: numbers or lists of them, files by name, its status."""
        run = self.service.state.runs[run_id]
        with self.service.lock:
            for name, values in (metrics or {}).items():
                for step, value in enumerate(values if isinstance(values, list) else [values]):
                    _record(run, name, value, step)
            for name, text in (files or {}).items():
                blob = artifacts.blob(run.container, name)
                self.service.blobs.put(ARTIFACTS, blob, text.encode())
            if error:
                run.dto["error"] = {"error": {"code": "UserError", "message": error}}
            if status:
                run.enter(status)

    def wait(self, run_id: str, timeout: float = 60.0, *statuses: str) -> str:
        """Wait until a run is over, or in one of the statuses; the status."""
        run = self.service.state.runs[run_id]
        end = time.monotonic() + timeout
        while run.status not in (statuses or OVER):
            if time.monotonic() > end:
                raise TimeoutError(f"{run_id} is {run.status} after {timeout} s")
            time.sleep(0.02)
        return run.status

    def nodes_in_use(self, cluster: str) -> int:
        """How many nodes of a cluster jobs hold."""
        return sum(
            job.nodes for job in self.live.values() if job.holds_nodes and job.target == cluster
        )

    def stop(self) -> None:
        """Kill everything, and wait until it is gone."""
        jobs = list(self.live.values())
        for job in jobs:
            job.stop("end")
        for job in jobs:
            job.join(10)
        self.live.clear()
        shutil.rmtree(self.service.folder / "runs", ignore_errors=True)


def _record(run: Run, name: str, value: float, step: int) -> None:
    metrics.record(run, name, float(value), step)
