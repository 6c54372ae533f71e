"""The world in memory: what happens there is what the machine says, at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec

from gitrain.desired import Upstream
from gitrain.errors import UnavailableError
from gitrain.observed import Cause, Phase, Run
from gitrain.resolve import Kind
from gitrain.workspace import Submission, Workspace
from gitrain.workspaces.memory import MemoryWorkspace
from tests.promises.chaos.calls import Crash, Work, strike, told


class Slow(MemoryWorkspace):
    """Counts what it starts; cancels are recorded, and come through when somebody lets them."""

    slow = False

    def __init__(self) -> None:
        super().__init__()
        self.starts: Counter[str] = Counter()

    def _new(self, submission: Submission) -> Run:
        self.starts[submission.run_id] += 1
        return super()._new(submission)

    def cancel(self, run_id: str, cause: Cause) -> None:
        if not self.slow:
            super().cancel(run_id, cause)
        elif self.runs[run_id].phase.live and self.runs[run_id].cause is None:
            self._change(run_id, cause=cause)


class Memory:
    kind: Kind = "memory"
    clusters = True
    preempts = True
    calls = 12

    def __init__(self) -> None:
        self.accuracy: dict[str, float] = {}
        self.workspace = Slow()
        self.workspace.environments["shared"] = {"7"}

    def client(self) -> Workspace:
        return self.workspace

    def command(self, word: str) -> str:
        return word

    def runs(self) -> Mapping[str, Run]:
        return dict(self.workspace.runs)

    def takes(self, run_id: str) -> tuple[str, ...]:
        inputs = self.workspace.submissions[run_id].inputs.values()
        return tuple(edge.run_id for edge in inputs if isinstance(edge, Upstream))

    def resources(self) -> Mapping[str, tuple[Any, ...]]:
        found: dict[str, tuple[Any, ...]] = {
            f"cluster/{state.name}": (state.project, state.spec.max_instances, state.spec.tier)
            for state in self.workspace.clusters.values()
        }
        for name, versions in self.workspace.environments.items():
            found |= {f"environment/{name}/{version}": () for version in versions}
        return found

    def duplicates(self) -> list[str]:
        return [f"{run} {n} times" for run, n in self.workspace.starts.items() if n > 1]

    def orphans(self) -> list[str]:
        return []  # a run and whose it is are written in one step

    def end(self, run_id: str, phase: Phase, accuracy: float) -> None:
        self.accuracy[run_id] = accuracy
        self.workspace.log(run_id, 1, accuracy=accuracy)
        self.workspace.go(run_id, phase, exit_code=int(phase is Phase.FAILED))

    def lose(self, run_id: str) -> None:
        self.workspace.go(run_id, Phase.RUNNING, preempted=True)

    def stop(self, run_id: str) -> None:
        MemoryWorkspace.cancel(self.workspace, run_id, Cause.PERSON)

    def slow(self, on: bool) -> None:
        self.workspace.slow = on

    def calm(self) -> None:
        for run in list(self.workspace.runs.values()):
            if run.live and run.cause:
                self.workspace.go(run.id, Phase.CANCELED)

    def scale(self, cluster: str, most: int) -> None:
        state = self.workspace.clusters[cluster]
        spec = msgspec.structs.replace(state.spec, max_instances=most)
        self.workspace.clusters[cluster] = msgspec.structs.replace(state, spec=spec)

    def delete(self, cluster: str) -> None:
        self.workspace.delete_cluster(cluster)

    def die(self, work: Work, at: int, *, after: bool) -> None:
        with suppress(Crash):
            work(told(self.client(), strike(at, after=after, error=Crash())))

    def disturb(self, work: Work, at: int, *, after: bool) -> None:
        error = UnavailableError("try again later")
        work(told(self.client(), strike(at, after=after, error=error)))

    def close(self) -> None: ...
