"""What a plan may not do: exceed its budgets or destroy too much. Each refusal is a problem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitrain.assets import cluster_of
from gitrain.desired import Desired, DesiredJob
from gitrain.errors import Problem
from gitrain.observed import Cause, Observed
from gitrain.plan.actions import Action, Verb
from gitrain.plan.kind import kinds_in_plan
from gitrain.plan.options import Options
from gitrain.plan.run_payloads import Cancel

GUARDS = frozenset({"prune-empty", "prune-unsupported", "prune-sparse", "destruction"})
"""The refusals to destroy something."""

BUDGETS = frozenset({"max-submits", "max-gpu-hours"})
"""The refusals that are about what the submits would cost."""


def gpu_hours(desired: Desired, observed: Observed, actions: Iterable[Action]) -> float | None:
    """Upper bound of what the submits take: Σ timeout × instances × GPUs, in hours.

    0 where the workspace counts no GPUs; None when a timeout is missing or a size unknown.
    """
    if desired.type.gpus is None:
        return 0.0
    jobs = {job.name: job for job in desired.jobs}
    bounds = [
        hours_bound(jobs[a.name], desired, observed) for a in actions if a.verb is Verb.SUBMIT
    ]
    return None if None in bounds else round(sum(filter(None, bounds)), 2)


def hours_bound(job: DesiredJob, desired: Desired, observed: Observed) -> float | None:
    """Upper bound of the GPU-hours of one run: 0 without GPUs, None where it is unknown."""
    if desired.type.gpus is None:
        return 0.0
    name = cluster_of(job.spec.compute)
    state = observed.clusters.get(name)
    sizes = {cluster.name: cluster.spec.size for cluster in desired.clusters}
    gpus = desired.type.gpus(sizes.get(name) or (state.spec.size if state else ""))
    if gpus is None:
        return None
    if not gpus:
        return 0.0
    timeout = job.spec.limits.timeout
    return None if timeout is None else timeout / 3600 * job.spec.resources.instance_count * gpus


def budget_problems(
    desired: Desired, options: Options, actions: Iterable[Action], hours: float | None
) -> Iterator[Problem]:
    """Too many submits for one reconcile, or more GPU-hours than the policy allows."""
    due = sum(action.verb is Verb.SUBMIT for action in actions)
    submits = due + options.submitted
    limit = desired.policy.max_submits if options.max_submits is None else options.max_submits
    if desired.type.limits_submits and due and submits > limit:
        yield Problem(
            code="max-submits",
            message=f"{submits} submits in one reconcile exceed the limit of {limit}",
            suggestion=f"raise it this once with --max-submits {submits}, or narrow with --select",
        )
    allowed = desired.policy.max_gpu_hours
    if allowed is not None and due and (hours is None or hours > allowed):
        amount = "an unbounded number of" if hours is None else f"up to {hours:g}"
        yield Problem(
            code="max-gpu-hours",
            message=f"the submits may take {amount} GPU-hours; the policy allows {allowed:g}",
            suggestion="lower limits.timeout or instance_count, or narrow with --select",
        )


def destruction_problems(
    desired: Desired, observed: Observed, options: Options, actions: Iterable[Action]
) -> Iterator[Problem]:
    """Destruction is opt-in, and refused where it looks like a mistake."""
    actions = list(actions)
    destroyed = sum(_destroys(action) for action in actions)
    if options.prune and not any(desired.all):
        yield Problem(
            code="prune-empty",
            message="--prune with no manifests at all would remove everything this project owns",
            suggestion="check spec.manifests in gitrain.yaml and the branch that is checked out",
        )
    if options.prune and desired.unsupported:
        yield Problem(
            code="prune-unsupported",
            message=f"--prune is not safe while {desired.unsupported} "
            f"document{'s' * (desired.unsupported > 1)} cannot be read as a resource",
            suggestion="move documents that are not supported yet out of the manifest folders",
        )
    if options.prune and desired.left_out:
        yield Problem(
            code="prune-sparse",
            message="--prune is not safe in a sparse checkout, which lacks "
            f"{desired.left_out} file{'s' * (desired.left_out > 1)}",
            suggestion="run `git sparse-checkout disable`, or prune from a full checkout",
        )
    ours = sum(kind.owned(desired, observed) for kind in kinds_in_plan())
    if destroyed > 3 and destroyed > 0.3 * ours and not options.force:
        yield Problem(
            code="destruction",
            message=f"the plan destroys {destroyed} of the {ours} resources this project owns",
            suggestion="read the plan; if that is what you want, add --force",
        )


def _destroys(action: Action) -> bool:
    """A cancel that was already requested is not this plan's decision: it was allowed then."""
    begun = action.run is not None and action.run.cause is not None
    canceled = action.payload.cause if isinstance(action.payload, Cancel) else None
    pruned = canceled is Cause.PRUNED and not begun
    return action.verb in (Verb.DELETE, Verb.REPLACE) or pruned
