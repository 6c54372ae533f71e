"""What a branch adds: the plan after its merge, without what its base plans anyway. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from gitrain.desired import Desired
from gitrain.digest import canonical_json
from gitrain.errors import Problem
from gitrain.observed import Observed
from gitrain.plan.actions import Action, Base, Plan, Reused, Verb
from gitrain.plan.guards import GUARDS, budget_problems, gpu_hours, hours_bound
from gitrain.plan.make import plan
from gitrain.plan.merge import Sides
from gitrain.plan.options import Options
from gitrain.plan.reasons import enumerate_
from gitrain.plan.settings import Setting, raised_timeouts


def plan_against(
    sides: Sides,
    base: Base,
    observed: Observed,
    options: Options,
    *,
    settings: Iterable[Setting] = (),
    theirs: Observed | None = None,
) -> Plan:
    """The plan of both sides together, compared with the base's own.

    What only the base has changed stays as the base has it: a branch that is behind never plans to
    revert it. The base's guards judge both: its policy, and in `options` its prune.
    `base` says where the sides are; the rest of it is filled in here. `settings` are those that
    the branch changes. `theirs` is what is observed where the base has the workspace, if the branch
    moves it.
    """
    merged = sides.merged
    whole = plan(merged, observed, options)
    seen = theirs or observed
    before = plan(sides.theirs, seen, msgspec.structs.replace(options, select=()))
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
    raised = raised_timeouts(sides.theirs.jobs, merged.jobs)
    return msgspec.structs.replace(
        whole,
        base=told,
        actions=tuple(added),
        gpu_hours=gpu_hours(merged, observed, added),
        unmanaged=tuple(one for one in whole.unmanaged if one not in before.unmanaged),
        settings=(*with_effects(settings, merged, observed, options), *raised),
        notes=tuple(one for one in whole.notes if one not in before.notes),
        problems=(
            *(one for one in whole.problems if one.code in GUARDS or one not in before.problems),
            *own_budget(sides.ours, merged, options, whole),
        ),
    )


def own_budget(ours: Desired, judged: Desired, options: Options, made: Plan) -> Iterator[Problem]:
    """What the branch's own policy refuses besides: after the merge it will be the judge."""
    if ours.policy != judged.policy:
        own = msgspec.structs.replace(judged, policy=ours.policy)
        found = budget_problems(own, options, made.actions, made.gpu_hours)
        yield from (one for one in found if one not in made.problems)


def with_effects(
    settings: Iterable[Setting], desired: Desired, observed: Observed, options: Options
) -> Iterator[Setting]:
    """What the first reconcile with `prune` would destroy, beside the setting that says so."""
    for one in settings:
        if one.path == "prune" and one.new and not (options.prune or options.select):
            pruned = plan(desired, observed, msgspec.structs.replace(options, prune=True))
            known = set(map(_effect, plan(desired, observed, options).actions))
            rows = [row for row in pruned.writes if _effect(row) not in known]
            one = msgspec.structs.replace(one, effect=_destroyed(rows))
        yield one


def _destroyed(rows: Iterable[Action]) -> str:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row.verb.value, []).append(row.run_id or row.key)
    return ", ".join(f"{verb}s {enumerate_(names)}" for verb, names in found.items())


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
