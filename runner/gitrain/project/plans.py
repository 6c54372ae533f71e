"""Options from flags, plans without a workspace, and explanations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from gitrain.desired import Desired
from gitrain.errors import ManifestsError, RefusedError, Severity, UsageError
from gitrain.plan.actions import Base, Plan
from gitrain.plan.against import plan_against
from gitrain.plan.merge import Sides, either
from gitrain.plan.offline import as_if_completed
from gitrain.plan.options import Options
from gitrain.project.at_commit import desired_at
from gitrain.project.opened import OpenedProject
from gitrain.reconcile import changed_files, observe
from gitrain.source.repository import Divergence


def options_of(opened: OpenedProject, flags: Mapping[str, Any]) -> Options:
    """The flags of a command line; --prune falls back to the workspace's setting."""
    prune = flags.get("prune")
    if prune is None:
        prune = opened.prunes and not flags.get("select")
    return Options(**{**flags, "select": tuple(flags.get("select", ())), "prune": prune})


def plan_from_base(
    opened: OpenedProject, options: Options, ref: str | None, *, offline: bool
) -> Plan:
    """What this branch adds to what is planned at `ref` anyway (default: the remote's branch).

    With `offline` no workspace is contacted: everything that `ref` wants counts as completed.
    """
    ref = ref or opened.sources.repository.default_branch
    if not ref:
        raise UsageError("there is no remote branch to compare with: use --base REF")
    parted = opened.sources.repository.divergence(ref)
    base = Base(ref=ref, commit=parted.commit, fork=parted.fork, behind=parted.behind)
    ours = opened.desired  # first: what is wrong here is not the base's fault
    try:
        theirs = desired_at(opened, parted.commit)
    except (ManifestsError, RefusedError) as error:
        if offline:
            raise UsageError(
                f"the manifests at {ref} are invalid ({error}): use another --base"
            ) from error
        made = opened.plan(options)
        return msgspec.structs.replace(made, base=_with_problems(base, error))
    sides = Sides(fork=_fork(opened, parted, theirs), ours=ours, theirs=theirs)
    wanted = either(sides.merged, theirs)
    observed = as_if_completed(theirs) if offline else observe(opened.workspace, wanted)
    opened.observed = observed
    files = changed_files(sides.merged, observed, opened.sources.changed_files)
    options = msgspec.structs.replace(options, changed_files=files)
    made = plan_against(sides, base, observed, options)
    if offline:
        return msgspec.structs.replace(made, offline=ref)
    return msgspec.structs.replace(made, place=opened.workspace.place)


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
