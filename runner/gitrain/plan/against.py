"""What a branch adds: the plan after its merge, without what its base plans anyway. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from gitrain.desired import Desired
from gitrain.digest import canonical_json
from gitrain.observed import Observed
from gitrain.plan.actions import Action, Base, Plan, Reused, Verb
from gitrain.plan.guards import GUARDS, gpu_hours, hours_bound
from gitrain.plan.make import plan
from gitrain.plan.merge import Sides
from gitrain.plan.options import Options


def plan_against(sides: Sides, base: Base, observed: Observed, options: Options) -> Plan:
    """The plan of both sides together, without what the base alone would plan.

    What only the base has changed stays as the base has it: a branch that is behind never plans to
    revert it. `base` says where the sides are; the rest of it is filled in here.
    """
    merged = sides.merged
    whole = plan(merged, observed, options)
    before = plan(sides.theirs, observed, msgspec.structs.replace(options, select=()))
    pending = [row for row in before.actions if row.verb is not Verb.KEEP]
    if options.select:
        pending = [row for row in pending if row.key in {row.key for row in whole.actions}]
    known = set(map(_effect, before.actions))
    added = [r for r in whole.actions if r.verb is Verb.KEEP or _effect(r) not in known]
    told = msgspec.structs.replace(
        base,
        pending=tuple(pending),
        moved=sides.moved,
        both=sides.both,
        reused=tuple(_reused(sides, merged, observed, added)),
        problems=tuple(one for one in before.problems if one.code not in GUARDS),
    )
    return msgspec.structs.replace(
        whole,
        base=told,
        actions=tuple(added),
        gpu_hours=gpu_hours(merged, observed, added),
        unmanaged=tuple(one for one in whole.unmanaged if one not in before.unmanaged),
        notes=tuple(one for one in whole.notes if one not in before.notes),
        problems=tuple(
            one for one in whole.problems if one.code in GUARDS or one not in before.problems
        ),
    )


def _effect(row: Action) -> tuple[str, ...]:
    """What distinguishes two rows: what is done to which resource, why, and with what changes."""
    changes = canonical_json(row.changes).decode()
    return (row.address, row.verb, row.run_id, row.digest, row.reason, changes)


def _reused(
    sides: Sides, merged: Desired, observed: Observed, rows: Iterable[Action]
) -> Iterator[Reused]:
    """The branch's jobs whose digest has a run, done or live: a variant's or an earlier state's."""
    jobs = {job.name: job for job in merged.jobs}
    known = {(job.name, job.digest) for side in (sides.fork, sides.theirs) for job in side.jobs}
    for row in rows:
        if row.verb in (Verb.KEEP, Verb.UPDATE) and row.run:
            if (row.name, row.digest) in known:
                continue
            hours = hours_bound(jobs[row.name], merged, observed)
            yield Reused(name=row.name, run_id=row.run.id, gpu_hours=hours)
