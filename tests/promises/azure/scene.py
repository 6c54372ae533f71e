"""The place of both matrices: 1 cluster, 2 environments and 3 jobs, one case after another."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

from tests.doubles.azure.emulator import Emulator
from tests.doubles.azure.requestlog import Request
from tests.promises.azure.azure import a_project, broken, jobs_of, write_resources
from tests.promises.command_line.project import NO_CHANGES, Ended

LIMIT = 240
JOBS = {"first", "second", "third"}
ENVIRONMENTS = {"one", "two"}

Case = TypeVar("Case")
Result = TypeVar("Result")


class Scene:
    """An emulator of its own, and a project that reconciles it. The runs stay in the queue."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gitrain-matrix-"))
        self.emulator = Emulator("proxy", execution="manual").start()
        self.project = a_project(self.folder / "demo", self.emulator)
        write_resources(self.project)
        self.project.commit()

    def close(self) -> None:
        self.emulator.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def begin(self) -> None:
        """An empty workspace, and a checkout that has never been reconciled."""
        self.emulator.reset()
        shutil.rmtree(self.project.root / ".gitrain", ignore_errors=True)
        for log in Path(self.project.variables["TMPDIR"]).glob("gitrain-*.log"):
            log.unlink()

    def gitrain(self, *arguments: str, pid: Callable[[int], None] | None = None) -> Ended:
        """Run a command to its end, good or bad."""
        with self.project.start(*arguments) as process:
            if pid:
                pid(process.pid)
            out, err = process.communicate(timeout=LIMIT)
        return Ended(process.returncode, out, err)

    def requests(self) -> list[Request]:
        """Every request of a reconcile that nothing disturbs."""
        self.emulator.requests.reset()
        ended = self.gitrain("reconcile")
        assert ended.code == 0, ended
        return list(self.emulator.requests.list)

    def heals(self) -> list[str]:
        """Without a fault: what is wrong after the next reconcile, and in the plan after it."""
        self.emulator.faults.clear()
        ended = self.gitrain("reconcile")
        wrong = [] if ended.code == 0 else [f"the next reconcile exits {ended.code}: {ended.err}"]
        return [*wrong, *self.rests()]

    def rests(self) -> list[str]:
        """What is wrong now: in the plan, which must be empty, and in the workspace."""
        self.emulator.faults.clear()
        plan = self.gitrain("plan", "--detailed-exitcode")
        wrong = []
        if (plan.code, plan.lines[-1:]) != (0, [NO_CHANGES]):
            wrong.append(f"the plan is not empty: {plan.out} {plan.err}")
        return [*wrong, *self.duplicates(), *self.orphans(), *self.missing(), *self.bugs()]

    def duplicates(self) -> list[str]:
        """Runs of a digest that has one already."""
        return [f"{job} has {n} runs" for job, n in jobs_of(self.emulator).items() if n > 1]

    def orphans(self) -> list[str]:
        """What is there and no manifest names, and runs that do not say whose they are."""
        state = self.emulator.state
        versions = {name: len(made) for name, made in state.environments.items()}
        return [
            *(f"cluster {name}" for name in state.computes.keys() - {"cpu"}),
            *(f"environment {name}: {n}" for name, n in versions.items() if n > 1),
            *(f"environment {name}" for name in versions.keys() - ENVIRONMENTS),
            *(f"experiment {name}" for name in state.experiments.keys() - {"demo"}),
            *(f"run {one}" for one in jobs_of(self.emulator).keys() - JOBS),
            *(f"untold {run.id}" for run in state.runs.values() if not _told(run.tags)),
        ]

    def missing(self) -> list[str]:
        """What the manifests name and is not there."""
        state = self.emulator.state
        return [
            *({"cpu"} - state.computes.keys()),
            *(ENVIRONMENTS - state.environments.keys()),
            *(JOBS - jobs_of(self.emulator).keys()),
        ]

    def bugs(self) -> list[str]:
        """Tracebacks that were kept from the user; and what the emulator has to complain of."""
        found = [self.project.bugs()] if self.project.bugs() else []
        return [*found, *broken(self.emulator)]


def _told(tags: dict[str, str]) -> bool:
    return any(key.startswith("gitrain") for key in tags)


def measured() -> tuple[list[Request], list[Request]]:
    """Every request of the first reconcile, and of one that finds nothing to do."""
    scene = Scene()
    try:
        return scene.requests(), scene.requests()
    finally:
        scene.close()


def all_of(
    cases: Iterable[Case], decide: Callable[[Scene, Case], Result], at_once: int
) -> Iterator[Result]:
    """The result of each case, in their order; so many at once, each in a scene of its own."""
    free: SimpleQueue[Scene] = SimpleQueue()
    scenes = [Scene() for _ in range(at_once)]
    for scene in scenes:
        free.put(scene)

    def one(case: Any) -> Result:
        scene = free.get()
        try:
            scene.begin()
            return decide(scene, case)
        finally:
            free.put(scene)

    try:
        with ThreadPoolExecutor(at_once) as pool:
            yield from pool.map(one, cases)
    finally:
        for scene in scenes:
            scene.close()
