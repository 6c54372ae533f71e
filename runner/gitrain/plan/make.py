"""plan(desired, observed, options): the whole decision, in order."""

from __future__ import annotations

from collections.abc import Iterator

from gitrain.assets import cluster_of
from gitrain.desired import Desired
from gitrain.errors import UsageError
from gitrain.observed import Cause, ClusterState, Observed, Run
from gitrain.plan.actions import Action, Health, Plan, Unmanaged, Verb
from gitrain.plan.guards import budget_problems, destruction_problems, gpu_hours
from gitrain.plan.jobs import Jobs, cancel
from gitrain.plan.options import Options
from gitrain.plan.resources import (
    cluster_notes,
    cluster_rows,
    environment_rows,
    in_use,
    owned,
)
from gitrain.plan.select import narrowed, selected


def plan(desired: Desired, observed: Observed, options: Options | None = None) -> Plan:
    """The ordered actions that bring `observed` to `desired`, and what must be said about them.

    Clusters and environments come first, then cancels, then jobs along the graph, then deletes.
    """
    options = options or Options()
    if options.select and options.prune:
        raise UsageError("--prune looks at everything: it cannot be combined with --select")
    resources = [
        *cluster_rows(desired, observed, options),
        *environment_rows(desired, observed, options),
    ]
    rows = [*resources, *Jobs(desired, observed, options, resources).rows()]
    unmanaged = list(_unmanaged(desired, observed))
    if options.select:
        rows = list(narrowed(rows, selected(desired, options.select)))
    else:
        rows = _with_removed(rows, desired, observed, prune=options.prune)
    hours = gpu_hours(desired, observed, rows)
    return Plan(
        project=desired.project,
        workspace=desired.workspace,
        commit=desired.commit,
        dirty=desired.dirty,
        actions=tuple(rows),
        unmanaged=() if options.prune or options.select else tuple(unmanaged),
        gpu_hours=hours,
        notes=(
            *desired.notes,
            *observed.notes,
            *cluster_notes(desired, observed),
            *_notes(desired, rows),
        ),
        problems=(
            *budget_problems(desired, options, rows, hours),
            *destruction_problems(desired, observed, options, rows),
        ),
    )


def _notes(desired: Desired, rows: list[Action]) -> Iterator[str]:
    submitted = {row.name for row in rows if row.verb is Verb.SUBMIT}
    needs = [job.secrets for job in desired.jobs if job.name in submitted]
    needs += [made.secrets for row in rows if (made := row.cluster or row.environment)]
    names = {name for secrets in needs for name in secrets}
    if names:
        yield f"reconcile will need these environment variables: {', '.join(sorted(names))}"
    for row in rows:
        for gate in row.gates:
            if gate.passed and gate.threshold is None:
                yield f"{row.name}: {gate.expression} is passed, for want of a previous run"


def _unmanaged(desired: Desired, observed: Observed) -> Iterator[Unmanaged]:
    """What this project owns and no manifest names: clusters, and the live runs of removed jobs."""
    for state in _removed_clusters(desired, observed):
        least = state.spec.min_instances
        nodes = "1 node is" if least == 1 else f"{least} nodes are"
        cost = f"{nodes} paid when idle" if least else "it costs nothing when idle"
        yield Unmanaged("Cluster", state.name, f"no manifest names it; {cost}")
    for run in _removed_runs(desired, observed):
        if run.cause and run.cause.ours:
            continue
        yield Unmanaged("Job", run.job, f"no manifest names it; {run.id} is {run.phase.value}")


def _removed_clusters(desired: Desired, observed: Observed) -> Iterator[ClusterState]:
    named = {cluster.name for cluster in desired.clusters}
    named |= {cluster_of(job.spec.compute) for job in desired.jobs}
    for name, state in sorted(observed.clusters.items()):
        if name not in named and owned(state, desired.project):
            yield state


def _removed_runs(desired: Desired, observed: Observed) -> Iterator[Run]:
    named = {job.name for job in desired.jobs}
    for run in sorted(observed.runs, key=lambda run: run.id):
        if run.live and run.job not in named and not run.tags.variant:
            yield run


def _with_removed(
    rows: list[Action], desired: Desired, observed: Observed, *, prune: bool
) -> list[Action]:
    """With the cancels and deletes of what no manifest names. Without `prune` only the cancels that
    were begun and have not come through."""
    cancels = [
        cancel(run, run.cause or Cause.PRUNED, "no manifest names its job")
        for run in _removed_runs(desired, observed)
        if prune or (run.cause and run.cause.ours)
    ]
    deletes = [_delete(state) for state in _removed_clusters(desired, observed) if prune]
    jobs = next((i for i, row in enumerate(rows) if row.kind == "Job"), len(rows))
    return [*rows[:jobs], *cancels, *rows[jobs:], *deletes]


def _delete(state: ClusterState) -> Action:
    used = f", but {in_use(state)}" if state.active_runs else ""
    return Action(
        verb=Verb.BLOCKED if used else Verb.DELETE,
        kind="Cluster",
        name=state.name,
        reason=f"no manifest names it{used}",
        health=Health.HEALTHY,
    )
