"""Where it all ends: what becomes of each job, said of what is there and not of any plan."""

from __future__ import annotations

from gitrain.desired import Desired, DesiredJob
from gitrain.observed import Phase, Run
from tests.promises.chaos.changes import again
from tests.promises.chaos.look import BrokenError, Look
from tests.promises.chaos.repository import PROJECT


def check_settled(now: Look, wanted: Desired) -> None:
    """Every job is completed, live, failed by its own fault, canceled by a person, suspended,
    waiting for one that is, or in somebody's way."""
    done: set[str] = set()
    for job in wanted.jobs:
        if now.done(job):
            done.add(job.name)
        counted = now.of(job)
        last = counted[-1] if counted else None
        over = last and (last.live or not _due(job, counted))
        waits = not done.issuperset(job.upstream)
        if not (over or job.spec.suspend or waits or _in_the_way(job, now, wanted)):
            how = f"is {last.phase.value}" if last else "has no run"
            raise BrokenError(f"{job.name} {job.digest} {how}")
    if wanted.kind != "local":
        _check_resources(now, wanted)


def degraded(now: Look, job: DesiredJob) -> bool:
    """Whether its run failed, was canceled by a person, or missed its gate."""
    counted = now.of(job)
    if not counted or counted[-1].phase.live:
        return False
    return counted[-1].phase is not Phase.COMPLETED or not now.passes(job, counted[-1])


def _due(job: DesiredJob, counted: list[Run]) -> bool:
    return counted[-1].phase is not Phase.COMPLETED and again(job, counted)


def _check_resources(now: Look, wanted: Desired) -> None:
    for cluster in wanted.clusters:
        owner, most, tier = now.resources[f"cluster/{cluster.name}"]
        differs = most != cluster.spec.max_instances and _same(tier, cluster.spec.tier)
        if owner == PROJECT and differs:
            raise BrokenError(f"cluster {cluster.name} has {most} nodes at most")
    for one in wanted.environments:
        key = f"environment/{one.name}/"
        if f"{key}{one.version}" not in now.resources and f"{key}7" not in now.resources:
            raise BrokenError(f"{key}{one.version} is missing")


def _same(tier: str, other: str) -> bool:
    """Azure spells them in its own way."""
    return tier.replace("_", "").lower() == other.replace("_", "").lower()


def _in_the_way(job: DesiredJob, now: Look, wanted: Desired) -> bool:
    """Other people's things, and what only --replace may change."""
    if wanted.kind == "local":
        return _taken(job, now)
    tiers = {c.name: c.spec.tier for c in wanted.clusters}
    there = now.resources.get(f"cluster/{job.spec.compute}", ("", 0, ""))
    ours = there[0] == PROJECT
    replace = ours and not _same(there[2], tiers[job.spec.compute])
    adopted = any(e.metadata.adopt for e in wanted.environments if e.name == job.spec.environment)
    version = job.environment.version if job.environment else ""
    named = f"environment/{job.spec.environment}/"
    foreign = f"{named}7" in now.resources and f"{named}{version}" not in now.resources
    return replace or (foreign and not adopted) or _taken(job, now)


def _taken(job: DesiredJob, now: Look) -> bool:
    run = now.runs.get(f"{PROJECT}-{job.name}-{job.digest}-1")
    return run is not None and run.project != PROJECT


def check_told(now: Look, wanted: Desired) -> None:
    """What may change on a run is as the manifest says."""
    for job in wanted.jobs:
        for run in now.of(job)[-1:]:
            told = (dict(run.tags.labels), run.tags.variant)
            if run.phase is Phase.COMPLETED and told != (dict(job.metadata.labels), False):
                raise BrokenError(f"{run.id} is told {told}")
