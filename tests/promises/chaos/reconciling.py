"""gitrain at work in a world, with an eye on whether it does what it said, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from gitrain.apply import Result, apply
from gitrain.desired import Desired
from gitrain.errors import Exit, RefusedError
from gitrain.plan.actions import Plan, Verb
from gitrain.plan.make import plan
from gitrain.plan.options import Options
from gitrain.plan.run_payloads import Submit
from gitrain.reconcile import Loop, Reconciled, observe
from gitrain.workspace import Workspace
from tests.promises.chaos.agreement import check_as_planned
from tests.promises.chaos.calls import Work, interleaved
from tests.promises.chaos.changes import (
    Allowed,
    check_changes,
    check_order,
    check_pruned,
    check_superseded,
)
from tests.promises.chaos.look import BrokenError, Look, PhantomError, look
from tests.promises.chaos.settled import degraded
from tests.promises.chaos.world import World

Flags = Mapping[str, bool]
NO_FLAGS: Flags = {"prune": False, "replace": False, "force": False}


def planned(client: Workspace, wanted: Desired, **options: Any) -> Plan:
    return plan(wanted, observe(client, wanted), Options(**options))


def reconcile_once(world: World, wanted: Desired, flags: Flags, job: str = "") -> bool:
    """Undisturbed; whether it was let do anything. What happened is what was planned.

    With a `job` only that one is selected, and what it needs.
    """
    client = world.client()
    before = look(world)
    made = planned(client, wanted, **flags, select=(f"Job/{job}",) if job else ())
    if made.problems:
        _check_refused(world, made, wanted, flags)
        return False
    chosen = _with_upstream(wanted, job) if job else frozenset()
    # Looked at after the plan was made: a process may have ended in between.
    _check_pending(made, look(world), chosen)
    ended = Loop(client, lambda: made).once(made)
    check_done(ended)
    blocked = any(row.verb is Verb.BLOCKED for row in made.actions)
    if ended.exit_code != (Exit.BLOCKED if blocked else Exit.OK):
        raise BrokenError(f"exit code {ended.exit_code}")
    after = look(world)
    check_changes(world, before, after, Allowed(desired=(wanted,), select=chosen, **flags))
    check_order(before, after, wanted)
    check_as_planned(made, before, after)
    return True


def _with_upstream(wanted: Desired, job: str) -> frozenset[str]:
    """The job, and all that it takes from or comes after."""
    [found] = [one for one in wanted.jobs if one.name == job]
    return frozenset({job}.union(*(_with_upstream(wanted, up) for up in found.upstream)))


def _check_refused(world: World, made: Plan, wanted: Desired, flags: Flags) -> None:
    """It destroys too much without --force, or would prune by no manifests at all; exit 4, and
    nothing is done."""
    empty = not (wanted.jobs or wanted.clusters or wanted.environments)
    destroys = flags["prune"] or flags["replace"]
    fine = {
        "destruction": destroys and not flags["force"],
        "prune-empty": flags["prune"] and empty,
    }
    if not all(fine.get(problem.code) for problem in made.problems):
        raise BrokenError(f"refused: {made.problems}")
    before = look(world)
    try:
        Loop(world.client(), lambda: made).once(made)
    except RefusedError as error:
        if error.exit_code == Exit.REFUSED and look(world).ours.keys() == before.ours.keys():
            return
    raise BrokenError(f"not refused: {made.problems}")


def _check_pending(made: Plan, now: Look, chosen: frozenset[str]) -> None:
    """A cancel that was begun is an action until it has come through."""
    begun = [run for run in now.ours.values() if run.live and run.cause and run.cause.ours]
    pending = {run.id for run in begun if not chosen or run.job in chosen}
    if forgotten := pending - {a.run_id for a in made.actions if a.verb is Verb.CANCEL}:
        raise BrokenError(f"nobody cancels {forgotten}")


def reconcile(world: World, wanted: Desired, flags: Flags) -> None:
    """Until a plan has nothing to do; then the next one has nothing to do either."""
    # A digest comes back after its cancel has come through, and a cluster goes after its runs.
    pending = any(run.live and run.cause for run in look(world).ours.values())
    for _ in range(3 if flags["prune"] or pending else 1):
        if not reconcile_once(world, wanted, flags):
            return
    check_rests(world, wanted, flags)
    now = look(world)
    check_superseded(now, wanted)
    if flags["prune"]:
        check_pruned(now, wanted)


def reconcile_selected(world: World, wanted: Desired, flags: Flags, job: str) -> None:
    """Only this job, and what it needs; then a plan of it has nothing to do either."""
    if reconcile_once(world, wanted, flags, job):
        check_rests(world, wanted, flags, select=(f"Job/{job}",))


def check_rests(world: World, wanted: Desired, flags: Flags, **options: Any) -> None:
    """A plan has nothing to do; a cancel that has not come through is an action until it has."""
    made = planned(world.client(), wanted, **flags, **options)
    waiting = [run.id for run in look(world).ours.values() if run.live and run.cause]
    if left := [a for a in made.writes if a.run_id not in waiting]:
        raise PhantomError(f"still to do: {[f'{a.verb} {a.key}: {a.reason}' for a in left]}")


def cut_short(world: World, wanted: Desired, flags: Flags, how: Callable[[Work], None]) -> bool:
    """Reconcile in a way that may not come to its end; whether there was anything to do."""
    made = planned(world.client(), wanted, **flags)
    if made.problems or not made.writes:
        return False
    before = look(world)
    ends: list[Reconciled] = []
    how(lambda client: ends.append(Loop(client, lambda: made).once(made)))
    for ended in ends:
        failed = any(outcome.result is not Result.DONE for outcome in ended.outcomes)
        if failed is not (ended.exit_code is Exit.ERROR):
            raise BrokenError(f"exit code {ended.exit_code}, and failed is {failed}")
    check_changes(world, before, look(world), Allowed(desired=(wanted,), **flags))
    return True


def reconcile_at_once(
    world: World, works: Iterable[tuple[Desired, Flags]], turns: Iterable[int]
) -> None:
    """Several reconcile, interleaved at their calls."""
    works = list(works)
    before = look(world)

    def work(wanted: Desired, flags: Flags) -> Work:
        def reconcile(client: Workspace) -> None:
            made = planned(client, wanted, **flags)
            if not made.problems:
                apply(made, client)

        return reconcile

    clients = [world.client() for _ in works]
    interleaved(clients, [work(*one) for one in works], turns)
    either = {name: any(flags[name] for _, flags in works) for name in NO_FLAGS}
    desired = tuple(wanted for wanted, _ in works)
    check_changes(world, before, look(world), Allowed(desired=desired, **either))


def reconcile_and_wait(world: World, wanted: Desired, tick: Callable[[Plan], None]) -> None:
    """Until everything has settled; the exit code says whether something is degraded."""
    client = world.client()

    def make() -> Plan:
        return planned(client, wanted)

    ended = Loop(client, make, tick=tick).settle(make(), 60)
    check_done(ended)
    now = look(world)
    bad = [job.name for job in wanted.jobs if degraded(now, job)]
    blocked = any(row.verb is Verb.BLOCKED for row in ended.last.actions)
    if ended.exit_code != (Exit.RUN_FAILED if bad else Exit.BLOCKED if blocked else Exit.OK):
        raise BrokenError(f"exit code {ended.exit_code}, and degraded are {bad}")


def run_by_hand(world: World, wanted: Desired, job: str) -> None:
    """`gitrain run`: never supersedes what others want."""
    before = look(world)
    made = planned(world.client(), wanted, by_hand=True, retry=frozenset({job}))
    _submit(world, made, job, before)
    check_changes(world, before, look(world), Allowed(desired=(wanted,), by_hand=True))


def rerun(world: World, wanted: Desired, job: str) -> set[str]:
    """`gitrain rerun`: again, although it has completed. The run that is new, if there is one."""
    before = look(world)
    asked = frozenset({job})
    made = planned(world.client(), wanted, select=(f"Job/{job}",), retry=asked, rerun=asked)
    _submit(world, made, job, before)
    after = look(world)
    allowed = Allowed(desired=(wanted,), select=_with_upstream(wanted, job), rerun=job)
    check_changes(world, before, after, allowed)
    return {*after.ours.keys() - before.ours.keys()}


def _submit(world: World, made: Plan, job: str, before: Look) -> None:
    """The job's rows of a plan, and its environment's; never a cluster."""
    [row] = [a for a in made.actions if a.key == f"Job/{job}" and a.verb is not Verb.CANCEL]
    if not isinstance(row.payload, Submit):
        return
    submission = row.payload.submission
    if not _has_cluster(world, before, submission.spec.compute):
        return
    version = submission.environment and submission.environment.version
    only = [
        a
        for a in made.actions
        if a.key == row.key or (a.kind == "Environment" and a.digest == version)
    ]
    made = msgspec.structs.replace(made, actions=tuple(only))
    check_done(Loop(world.client(), lambda: made).once(made))


def _has_cluster(world: World, now: Look, name: str) -> bool:
    return not world.clusters or f"cluster/{name}" in now.resources


def check_done(ended: Reconciled) -> None:
    if failed := [one for one in ended.outcomes if one.result is not Result.DONE]:
        raise BrokenError(f"without a fault: {failed}")
