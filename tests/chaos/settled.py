"""Where it all ends: what becomes of each job, said of what is there and not of any plan."""

from __future__ import annotations

from collections.abc import Mapping

from gitrain.desired import Desired, DesiredJob
from gitrain.observed import Phase
from tests.chaos.changes import again
from tests.chaos.look import BrokenError, Look
from tests.chaos.repository import GATE, PROJECT


def unsettled(now: Look, wanted: Desired, accuracy: Mapping[str, float]) -> list[str]:
    """The jobs that are neither completed, live, failed by their own fault, canceled by a person,
    suspended, nor waiting for one that is, nor in somebody's way."""
    done: set[str] = set()
    found = []
    for job in wanted.jobs:
        counted = now.of(job)
        last = counted[-1] if counted else None
        if last and last.phase is Phase.COMPLETED and _passes(job, accuracy.get(last.id, 0.0)):
            done.add(job.name)
        over = last and (last.live or last.phase is Phase.COMPLETED or not again(job, counted))
        waits = not done.issuperset(job.upstream)
        if not (over or job.spec.suspend or waits or _in_the_way(job, now, wanted)):
            how = last.phase.value if last else "has no run"
            found.append(f"{job.name} {job.digest} {how}")
    return found


def _passes(job: DesiredJob, accuracy: float) -> bool:
    return not job.spec.gates or accuracy >= GATE


def _in_the_way(job: DesiredJob, now: Look, wanted: Desired) -> bool:
    """Other people's things, and what only --replace may change."""
    if wanted.kind == "local":
        return _taken(job, now)
    tiers = {c.name: c.spec.tier for c in wanted.clusters}
    there = now.resources.get(f"cluster/{job.spec.compute}", ("", 0, ""))
    ours = there[0] == PROJECT
    replace = ours and there[2].replace("_", "").lower() != tiers[job.spec.compute].replace("_", "")
    adopted = any(e.metadata.adopt for e in wanted.environments if e.name == job.spec.environment)
    version = job.environment.version if job.environment else ""
    named = f"environment/{job.spec.environment}/"
    foreign = f"{named}7" in now.resources and f"{named}{version}" not in now.resources
    return replace or (foreign and not adopted) or _taken(job, now)


def _taken(job: DesiredJob, now: Look) -> bool:
    run = now.runs.get(f"{PROJECT}-{job.name}-{job.digest}-1")
    return run is not None and run.project != PROJECT


def degraded(now: Look, wanted: Desired, accuracy: Mapping[str, float]) -> set[str]:
    """The jobs whose run failed, was canceled by a person, or missed its gate."""
    found = set()
    for job in wanted.jobs:
        last = now.of(job)[-1:]
        if any(run.phase in (Phase.FAILED, Phase.CANCELED) for run in last) or any(
            run.phase is Phase.COMPLETED and not _passes(job, accuracy.get(run.id, 0.0))
            for run in last
        ):
            found.add(job.name)
    return found


def check_told(now: Look, wanted: Desired) -> None:
    """What may change on a run is as the manifest says."""
    for job in wanted.jobs:
        for run in now.of(job)[-1:]:
            told = (dict(run.tags.labels), run.tags.variant)
            if run.phase is Phase.COMPLETED and told != (dict(job.metadata.labels), False):
                raise BrokenError(f"{run.id} is told {told}")
