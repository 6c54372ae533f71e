"""One job: its way through the statuses, its attempts, its end."""

import re
import shutil
import threading
import time
import traceback
from typing import Any

from . import collection, nodes, snapshots
from .artifacts import blob
from .blobstore import ARTIFACTS
from .materials import Materials, Unprepared
from .processes import Processes
from .service import Service
from .state import Run

TICK = 0.03
# A folder of a random name that a command has in its node's /tmp, such as gitrain's links to data.
_IN_TMP = re.compile(r"/tmp/[\w-]+/[0-9a-f]{16}(?=[/\s])")


class Job(threading.Thread):
    """Runs what a run's definition says, on this machine, until it ends or is stopped."""

    def __init__(self, service: Service, run: Run) -> None:
        super().__init__(name=f"job {run.id}", daemon=True)
        self.service = service
        self.of = run
        self.configuration: dict[str, Any] = run.definition["Configuration"]
        self.target = self.configuration.get("target")
        self.nodes = self.configuration.get("nodeCount") or 1
        self.folder = service.folder / "runs" / run.id
        self.holds_nodes = False
        self.cause: str | None = None
        self.began: float | None = None

    def stop(self, cause: str) -> None:
        """Ask it to end because of cancel, preempt or end (of the emulator)."""
        with self.service.lock:
            if self.cause in (None, "preempt"):
                self.cause = cause

    def run(self) -> None:
        try:
            self._live()
        except Unprepared as error:
            self._end("Failed", error.code, str(error))
        except Exception:  # the test reads it in `defects`; the run must not hang
            self.service.defects.append(traceback.format_exc())
            self._end("Failed", "ServiceError", traceback.format_exc())
        finally:
            self.holds_nodes = False

    def _live(self) -> None:
        code = None
        while not self.cause:
            self._await_nodes()
            code = None if self.cause else self._attempt()
            if not self._is_preempted():
                break
        if self.cause == "end":
            return
        self._enter("Finalizing")
        self._pause()
        self._conclude(code)

    def _is_preempted(self) -> bool:
        """Whether it must start again; its nodes are gone then."""
        with self.service.lock:
            if self.cause != "preempt":
                return False
            self.cause = None
            self.holds_nodes = False
            self.of.enter("Queued")
            return True

    def _enter(self, status: str) -> None:
        with self.service.lock:
            if self.of.status != "CancelRequested":
                self.of.enter(status)

    def _await_nodes(self) -> None:
        """Queue until the cluster has as many free nodes as the job wants."""
        while not self.cause:
            with self.service.lock:
                used = self.service.jobs.nodes_in_use(self.target)
                if used + self.nodes <= nodes.most_nodes(self.service, self.target):
                    self.holds_nodes = True
                    return
                self.of.enter("Queued")
            time.sleep(TICK)

    def _pause(self) -> None:
        end = time.monotonic() + self.service.switches.phase_seconds
        while time.monotonic() < end and not self.cause:
            time.sleep(TICK)

    def _attempt(self) -> int | None:
        """One start of the job on fresh nodes; its exit code, None if it was stopped."""
        self.of.starts += 1
        self._enter("Starting")
        self._pause()
        self._enter("Preparing")
        materials = self._prepare()
        self._pause()
        if self.cause:
            return None
        self._enter("Running")
        self.began = self.began or time.monotonic()
        processes = Processes(self.service, self.of, self.configuration, self.folder, materials)
        try:
            code = self._watch(processes)
        finally:
            processes.kill()
            collection.collect(self.service, self.of, self.folder, self.nodes)
            materials.upload()
            self._leave_nodes()
        return code

    def _prepare(self) -> Materials:
        """An empty working folder on each node, the code, and what a preempted start had saved."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._log("system_logs/lifecycler/execution-wrapper.log", "Preparing the job.\n")
        name = (self.configuration.get("environment") or {}).get("name") or ""
        broken = self.service.switches.broken_images
        if broken and re.search(broken, name):
            log = "azureml-logs/20_image_build_log.txt"
            self._log(log, "ERROR: No matching distribution found for nothing==0.0\n")
            text = f"Image build failed. For more details, check log file {log}."
            raise Unprepared(text, "ImageBuildFailure")
        for node in range(self.nodes):
            snapshots.unpack(self.service, self.of.snapshot, collection.working(self.folder, node))
        if self.of.starts > 1:
            collection.restore(self.service, self.of, self.folder)
        for name in collection.KEPT:
            (collection.working(self.folder, 0) / name).mkdir(exist_ok=True)
        return Materials(self.service, self.of, self.configuration, self.folder)

    def _leave_nodes(self) -> None:
        """A node's /tmp goes with its container: here, what is known to be this job's there."""
        for folder in _IN_TMP.findall(str(self.configuration.get("command"))):
            shutil.rmtree(folder, ignore_errors=True)

    def _log(self, name: str, text: str) -> None:
        self.service.blobs.put(ARTIFACTS, blob(self.of.container, name), text.encode())

    def _watch(self, processes: Processes) -> int | None:
        limit = self.configuration.get("maxRunDurationSeconds")
        collected = time.monotonic()
        while (code := processes.poll()) is None:
            if limit and time.monotonic() - self.began > limit:
                self.cause = self.cause or "timeout"
            if self.cause:
                if self.cause in ("cancel", "timeout"):
                    processes.terminate(self.service.switches.grace_seconds)
                return None
            if time.monotonic() - collected > self.service.switches.collect_seconds:
                collection.collect(self.service, self.of, self.folder, self.nodes)
                collected = time.monotonic()
            time.sleep(TICK)
        return code

    def _conclude(self, code: int | None) -> None:
        self.of.exit_code = code
        if self.cause == "cancel":
            self._end("Canceled")
        elif self.cause == "timeout":
            limit = self.configuration["maxRunDurationSeconds"]
            text = f"The run exceeded its maximum duration of {limit} seconds and was stopped."
            self._end(self.service.switches.timeout_status, "JobDurationExceeded", text)
        elif code == 0:
            self._end("Completed")
        else:
            text = (
                f"Execution failed. User process 'sh' exited with status code {code}. "
                "Please check log file 'user_logs/std_log.txt' for error details."
            )
            self._end("Failed", "UserError", text)

    def _end(self, status: str, code: str = "", message: str = "") -> None:
        with self.service.lock:
            if message:
                self.of.dto["error"] = {"error": {"code": code, "message": message}}
            self.of.enter(status)
