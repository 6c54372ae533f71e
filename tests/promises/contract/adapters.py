"""How a test makes a run reach a phase, adapter by adapter. A new adapter adds one entry."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from gitrain.manifest import JobSpec, Output
from gitrain.observed import Observed, Phase, Run
from gitrain.workspace import Query, Submission, Workspace
from gitrain.workspaces.local.workspace import LocalRuns
from gitrain.workspaces.memory import MemoryWorkspace
from tests.runs import a_submission
from tests.unit.workspaces.local.place import Place, kill_below

ENDS = (Phase.COMPLETED, Phase.FAILED, Phase.CANCELED)


class Driver(Protocol):
    """A workspace, and a hand on what its runs do. `clusters`: whether it has any."""

    workspace: Workspace
    clusters: bool

    def holding(self, **given: Any) -> Submission:
        """A submission whose run continues until `finish`."""

    def ending(self, phase: Phase, **given: Any) -> Submission:
        """A submission whose run comes to this end."""

    def writing(self, log: str, metrics: list[dict[str, float]], **given: Any) -> Submission:
        """A submission whose run writes a log and metrics, and completes."""

    def running(self, run: Run) -> None:
        """Wait until the run has begun, and has written its log."""

    def finish(self, run: Run, phase: Phase = Phase.COMPLETED) -> Run:
        """Let the run come to its end, and wait for it."""

    def preempt(self, run: Run) -> None:
        """Take the run's machine away."""

    def trace(self) -> object:
        """Everything that observing must leave as it is."""

    def close(self) -> None: ...


def the_azureml_driver(root: Path) -> Driver:
    # Imported when it is used: the emulator starts with it.
    from tests.unit.workspaces.azureml.driver import Azureml

    return Azureml(root)


def observed(workspace: Workspace, *run_ids: str, project: str = "pets") -> Observed:
    return workspace.observe(Query(project=project, run_ids=run_ids))


def the_run(workspace: Workspace, run: Run) -> Run:
    return next(one for one in observed(workspace, project=run.project).runs if one.id == run.id)


def wait(condition: Callable[[], bool], limit: float = 30.0) -> None:
    deadline = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def over(workspace: Workspace, run: Run) -> Run:
    """The run once it has come to its end."""
    wait(lambda: the_run(workspace, run).phase in ENDS)
    return the_run(workspace, run)


class Memory:
    clusters = True

    def __init__(self, root: Path) -> None:
        self.workspace = MemoryWorkspace()
        self._ends: dict[str, Phase] = {}
        self._texts: dict[str, tuple[str, list[dict[str, float]]]] = {}

    def holding(self, **given: Any) -> Submission:
        return a_submission(**given)

    def ending(self, phase: Phase, **given: Any) -> Submission:
        submission = a_submission(**given)
        self._ends[submission.run_id] = phase
        return submission

    def writing(self, log: str, metrics: list[dict[str, float]], **given: Any) -> Submission:
        submission = a_submission(**given)
        self._texts[submission.run_id] = (log, metrics)
        return submission

    def running(self, run: Run) -> None:
        self._write(run)
        self.workspace.go(run.id, Phase.RUNNING)

    def finish(self, run: Run, phase: Phase = Phase.COMPLETED) -> Run:
        self._write(run)
        self.workspace.go(run.id, self._ends.get(run.id, phase))
        return self.workspace.runs[run.id]

    def _write(self, run: Run) -> None:
        log, metrics = self._texts.pop(run.id, ("", []))
        for line in metrics:
            values = dict(line)
            self.workspace.log(run.id, int(values.pop("step")), **values)
        if log:
            self.workspace.texts[run.id] = log
            self.workspace.files[run.id] = {"outputs/metrics.jsonl": b"", "model/w": b"weights"}

    def preempt(self, run: Run) -> None:
        self.workspace.go(run.id, Phase.RUNNING, preempted=True)

    def trace(self) -> object:
        space = self.workspace
        return dict(space.runs), dict(space.clusters), dict(space.environments), dict(space.adopted)

    def close(self) -> None: ...


class Local:
    clusters = False

    def __init__(self, root: Path) -> None:
        self.root = root
        self.place = Place(root)
        self.workspace: LocalRuns = self.place.workspace

    def _command(self, text: str, given: Mapping[str, Any]) -> Submission:
        return a_submission(spec=JobSpec(command=text, outputs={"model": Output()}), **given)

    def holding(self, **given: Any) -> Submission:
        go = self.root / "go"
        return self._command(f"echo begun; while [ ! -e {go} ]; do sleep 0.05; done", given)

    def ending(self, phase: Phase, **given: Any) -> Submission:
        return self._command("exit 3" if phase is Phase.FAILED else "true", given)

    def writing(self, log: str, metrics: list[dict[str, float]], **given: Any) -> Submission:
        lines = "\n".join(json.dumps(line) for line in metrics)
        command = (
            f"cat > outputs/metrics.jsonl <<'END'\n{lines}\nEND\n"
            f"echo weights > ${{{{outputs.model}}}}/w\nprintf '%s' '{log}'"
        )
        return self._command(command, given)

    def running(self, run: Run) -> None:
        wait(lambda: self.place.log(run) == "begun\n")

    def finish(self, run: Run, phase: Phase = Phase.COMPLETED) -> Run:
        (self.root / "go").touch()
        return over(self.workspace, run)

    def preempt(self, run: Run) -> None:
        self.running(run)
        self.place.kill_everything(run)
        self.place.wait_preempted(run)

    def trace(self) -> object:
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("*"))

    def close(self) -> None:
        kill_below(self.root)


ADAPTERS: Mapping[str, Callable[[Path], Driver]] = {
    "azureml": the_azureml_driver,
    "memory": Memory,
    "local": Local,
}
