"""What gitrain may have done between two moments, said of what is there and not of any plan."""

from __future__ import annotations

from collections.abc import Container

import msgspec

from gitrain.desired import Desired, DesiredJob
from gitrain.identity import thawed
from gitrain.observed import Cause, Phase, Run
from tests.promises.chaos.look import BrokenError, DuplicateError, Look
from tests.promises.chaos.world import World


def check_attempts(now: Look, reruns: Container[str]) -> None:
    """Attempts are counted from 1; only the last one of a digest is live, and none comes after one
    that is completed, if nobody asked for it."""
    for (job, digest), runs in now.by_digest().items():
        if [run.attempt for run in runs] != list(range(1, len(runs) + 1)):
            raise DuplicateError(f"{job} {digest} has attempts {[r.attempt for r in runs]}")
        for number, run in enumerate(runs[1:], 1):
            enough = [r.id for r in runs[:number] if r.phase.live]
            before = [r for r in runs[:number] if r.counts][-1:]
            if run.id not in reruns:
                enough += [r.id for r in before if r.phase is Phase.COMPLETED]
            if enough:
                raise DuplicateError(f"{enough} would have been enough for {run.id}")


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """What gitrain was asked for: the manifests (several, when several worked), and the flags.

    `select` are the names of the jobs that it was asked for; none: all. `rerun` is the one that was
    to run again although it had completed.
    """

    desired: tuple[Desired, ...]
    prune: bool = False
    replace: bool = False
    force: bool = False
    by_hand: bool = False
    select: frozenset[str] = frozenset()
    rerun: str = ""

    def jobs(self, name: str) -> list[DesiredJob]:
        return [job for one in self.desired for job in one.jobs if job.name == name]


def check_changes(world: World, before: Look, after: Look, allowed: Allowed) -> None:
    """Every change between two moments in which only gitrain moved."""
    if lost := before.ours.keys() - after.ours.keys():
        raise BrokenError(f"destroyed: {lost}")
    gone = before.clusters.keys() - after.clusters.keys()
    replaced = {key for key in before.clusters.keys() - gone if _replaced(key, before, after)}
    _check_gone(gone, replaced, allowed)
    _check_names(before, after, allowed)
    stopped = [after.ours[n] for n, run in before.ours.items() if not run.cause]
    stopped = [run for run in stopped if run.cause]
    for run in stopped:
        _check_stopped(run, allowed)
    if len(allowed.desired) == 1:
        pruned = [run.id for run in stopped if run.cause is Cause.PRUNED]
        _check_measure(before, {*gone, *replaced, *pruned}, allowed)
    for name in after.ours.keys() - before.ours.keys():
        _check_new(world, after.ours[name], after, allowed)


def _replaced(key: str, before: Look, after: Look) -> bool:
    return bool(before.clusters[key][2] != after.clusters[key][2])


def _check_gone(gone: set[str], replaced: set[str], allowed: Allowed) -> None:
    """Clusters go with --prune when nobody names them, and are made anew with --replace."""
    for key in gone | replaced:
        named = [any(f"cluster/{c.name}" == key for c in d.clusters) for d in allowed.desired]
        # Cut off, a replacement has deleted and not yet made; and of two who work at once one may
        # prune what the other makes.
        if not (any(named) and allowed.replace) and not (allowed.prune and not all(named)):
            raise BrokenError(f"{'destroyed' if key in gone else 'replaced'}: {key}")


def _check_names(before: Look, after: Look, allowed: Allowed) -> None:
    """A name that has versions of somebody else is ours only if we said so."""
    for key in after.resources.keys() - before.resources.keys():
        kind, name, *_ = key.split("/")
        adopts = [
            e.metadata.adopt for d in allowed.desired for e in d.environments if e.name == name
        ]
        if kind == "environment" and f"{kind}/{name}/7" in before.resources and not any(adopts):
            raise BrokenError(f"made: {key}")


def _check_measure(before: Look, destroyed: set[str], allowed: Allowed) -> None:
    """Nothing that is in use, and not most of what there is."""
    live = [run for run in before.ours.values() if run.live]
    for run in live:
        if f"cluster/{run.compute}" in destroyed:
            raise BrokenError(f"destroyed: {destroyed}, which {run.id} uses")
    there = len(live) + len(before.clusters)
    if len(destroyed) > 3 and len(destroyed) > 0.3 * there and not allowed.force:
        raise BrokenError(f"destroyed without --force: {destroyed}")


def _check_new(world: World, run: Run, now: Look, allowed: Allowed) -> None:
    """Somebody wants this digest, its earlier attempts are over and allow one more, and what it
    takes from is completed."""
    wanted = [job for job in allowed.jobs(run.job) if job.digest == run.digest]
    if not wanted or (allowed.select and run.job not in allowed.select):
        raise BrokenError(f"nobody asked for {run.id}")
    if all(job.spec.suspend for job in wanted):
        raise BrokenError(f"{run.id} although it is suspended")
    earlier = [r for r in now.by_digest()[run.job, run.digest] if r.attempt < run.attempt]
    counted = [one for one in earlier if one.counts]
    allows = (
        allowed.rerun == run.job
        or not counted
        or (counted[-1].phase is not Phase.COMPLETED and allowed.by_hand)
        or any(again(job, counted) for job in wanted)
    )
    if any(one.phase.live for one in earlier) or not allows:
        raise DuplicateError(f"{run.id} after {[(one.id, one.phase) for one in earlier]}")
    if world.clusters and len(allowed.desired) == 1:
        _check_needs(run, wanted[0], now)
    for name in world.takes(run.id):
        if now.runs[name].phase is not Phase.COMPLETED:
            raise BrokenError(f"{run.id} takes from {name}, which is {now.runs[name].phase}")


def _check_needs(run: Run, job: DesiredJob, now: Look) -> None:
    needs = {f"cluster/{job.spec.compute}"}
    if job.environment:
        needs.add(f"environment/{job.environment.name}/{job.environment.version}")
    if missing := needs - now.resources.keys():
        raise BrokenError(f"{run.id} needs {missing}")


def again(job: DesiredJob, counted: list[Run]) -> bool:
    """Whether runs that ended badly leave a reason for another one."""
    failures = sum(run.phase is Phase.FAILED for run in counted)
    last = counted[-1]
    if last.phase is Phase.COMPLETED:
        return False
    retry = last.phase is Phase.FAILED and failures <= job.spec.retries
    return retry or thawed(last.identity.placement) != job.placement


def _check_stopped(run: Run, allowed: Allowed) -> None:
    if allowed.select and run.job not in allowed.select:
        raise BrokenError(f"{run.id} was canceled, and only {allowed.select} was selected")
    jobs = allowed.jobs(run.job)
    pruned = allowed.prune and any(
        run.job not in {job.name for job in one.jobs} for one in allowed.desired
    )
    superseded = any(
        job.digest != run.digest and job.spec.supersede == "cancel" and not job.spec.suspend
        for job in jobs
    )
    superseded = superseded and not allowed.by_hand
    fine = {Cause.PRUNED: pruned, Cause.SUPERSEDED: superseded, Cause.PERSON: False}
    if not fine[run.cause or Cause.PERSON] or run.tags.variant:
        raise BrokenError(f"{run.id} was canceled: {run.cause}")


def check_order(before: Look, after: Look, wanted: Desired) -> None:
    """After a reconcile that nothing disturbed: no run began before what it waits for was done, and
    none was superseded without a successor."""
    jobs = {job.name: job for job in wanted.jobs}
    for name in after.ours.keys() - before.ours.keys():
        run = after.ours[name]
        if early := [up for up in jobs[run.job].upstream if not before.done(jobs[up])]:
            raise BrokenError(f"{name} did not wait for {early}")
    for name, run in before.ours.items():
        if run.cause is None and after.ours[name].cause is Cause.SUPERSEDED:
            successors = [one for one in after.of(jobs[run.job]) if not (one.live and one.cause)]
            if not successors:
                raise BrokenError(f"{name} was canceled without a successor")


def check_superseded(now: Look, wanted: Desired) -> None:
    """No older run continues next to the wanted one, unless somebody said so."""
    for job in wanted.jobs:
        if job.spec.suspend or job.spec.supersede == "keep":
            continue
        if not any(_stays(run) for run in now.of(job)):
            continue
        for run in now.ours.values():
            older = run.job == job.name and run.digest != job.digest and not run.tags.variant
            if older and run.live and run.cause is None:
                raise BrokenError(f"{run.id} continues next to {job.digest}")


def _stays(run: Run) -> bool:
    return run.phase is Phase.COMPLETED or (run.live and run.cause is None)


def check_pruned(now: Look, wanted: Desired) -> None:
    names = {job.name for job in wanted.jobs}
    for run in now.ours.values():
        if run.live and run.cause is None and run.job not in names and not run.tags.variant:
            raise BrokenError(f"{run.id} continues despite --prune")
