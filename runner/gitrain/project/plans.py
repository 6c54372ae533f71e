"""Options from flags, and plans that are compared with a base."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from gitrain.desired import Desired
from gitrain.errors import ManifestsError, Problem, RefusedError, Severity, UsageError
from gitrain.observed import Observed
from gitrain.plan.actions import Base, Plan
from gitrain.plan.against import own_budget, plan_against, with_effects
from gitrain.plan.guards import BUDGETS, budget_problems
from gitrain.plan.merge import Sides, either
from gitrain.plan.offline import as_if_completed
from gitrain.plan.options import Options
from gitrain.project.at_commit import desired_at
from gitrain.project.base_guards import BaseGuards, base_guards
from gitrain.project.opened import OpenedProject
from gitrain.reconcile import changed_files, observe
from gitrain.source.repository import Divergence


def options_of(
    opened: OpenedProject, flags: Mapping[str, Any], *, prunes: bool | None = None
) -> Options:
    """The flags of a command line; without --prune or --no-prune it is what the workspace says, or
    what the base says of it (`prunes`)."""
    prune = flags.get("prune")
    if prune is None:
        prune = (opened.prunes if prunes is None else prunes) and not flags.get("select")
    return Options(**{**flags, "select": tuple(flags.get("select", ())), "prune": prune})


def plan_from_base(
    opened: OpenedProject, flags: Mapping[str, Any], ref: str | None, *, offline: bool
) -> Plan:
    """What this branch adds to what is planned at `ref` anyway (default: the remote's branch).

    The guards of `ref` judge it, and what the branch changes of them is told. With `offline` no
    workspace is contacted: everything that `ref` wants counts as completed.
    """
    ref = ref or opened.sources.repository.default_branch
    if not ref:
        raise UsageError("there is no remote branch to compare with: use --base REF")
    parted = opened.sources.repository.divergence(ref)
    base = Base(ref=ref, commit=parted.commit, fork=parted.fork, behind=parted.behind)
    ours = opened.desired  # first: what is wrong here is not the base's fault
    guards = base_guards(opened, base)
    options = options_of(opened, flags, prunes=guards.prunes)
    try:
        theirs = desired_at(opened, parted.commit)
    except (ManifestsError, RefusedError) as error:
        if offline:
            raise UsageError(
                f"the manifests at {ref} are invalid ({error}): use another --base"
            ) from error
        return _beside_broken(opened, options, _with_problems(base, error), guards)
    sides = Sides(fork=_fork(opened, parted, theirs), ours=ours, theirs=theirs)
    observed, there = _observed(opened, sides, guards, offline=offline)
    files = changed_files(sides.merged, observed, opened.sources.changed_files)
    options = msgspec.structs.replace(options, changed_files=files)
    made = plan_against(sides, base, observed, options, settings=guards.settings, theirs=there)
    made = _judged(made, guards.refusals(moved=sides.moved))
    if offline:
        return msgspec.structs.replace(made, offline=ref)
    return msgspec.structs.replace(made, place=opened.workspace.place)


def _observed(
    opened: OpenedProject, sides: Sides, guards: BaseGuards, *, offline: bool
) -> tuple[Observed, Observed | None]:
    """What there is in the branch's workspace, and in the base's if the branch moves it."""
    if offline:
        opened.observed = as_if_completed(sides.theirs)
        return opened.observed, None
    opened.observed = observe(opened.workspace, either(sides.merged, sides.theirs))
    if guards.elsewhere is None:
        return opened.observed, None
    return opened.observed, observe(opened.workspace_as(guards.elsewhere), sides.theirs)


def _beside_broken(opened: OpenedProject, options: Options, base: Base, guards: BaseGuards) -> Plan:
    """All that is planned is the branch's, where the base's manifests are invalid; its guards still
    judge."""
    made = opened.plan(options)
    policy = guards.policy or opened.desired.policy
    desired = msgspec.structs.replace(opened.desired, policy=policy)
    kept = [one for one in made.problems if one.code not in BUDGETS]
    budget = tuple(budget_problems(desired, options, made.actions, made.gpu_hours))
    made = msgspec.structs.replace(
        made,
        base=base,
        settings=tuple(with_effects(guards.settings, desired, opened.observed, options)),
        problems=(*kept, *budget),
    )
    made = _judged(made, tuple(own_budget(opened.desired, desired, options, made)))
    return _judged(made, guards.refusals(known=base.problems))


def _judged(made: Plan, refusals: tuple[Problem, ...]) -> Plan:
    return msgspec.structs.replace(made, problems=(*made.problems, *refusals))


def _fork(opened: OpenedProject, parted: Divergence, theirs: Desired) -> Desired:
    """The desired state where the branch left its base."""
    if parted.fork == parted.commit:
        return theirs
    try:
        return desired_at(opened, parted.fork)
    except (ManifestsError, RefusedError) as error:
        raise UsageError(
            f"the manifests at {parted.fork[:7]}, where this branch left its base, are "
            f"invalid ({error}): merge the base into the branch first"
        ) from error


def _with_problems(base: Base, error: ManifestsError | RefusedError) -> Base:
    """A base with invalid manifests plans nothing: the whole plan is the branch's."""
    errors = tuple(one for one in error.problems if one.severity is Severity.ERROR)
    return msgspec.structs.replace(base, problems=errors)
