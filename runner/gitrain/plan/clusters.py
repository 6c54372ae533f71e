"""Clusters in the plan: how one differs from its manifest, and what may be done about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from gitrain.assets import cluster_of
from gitrain.desired import Desired, DesiredCluster
from gitrain.diff import Change
from gitrain.manifest import ClusterSpec
from gitrain.observed import ClusterState, Observed
from gitrain.plan.actions import Action, Health, Unmanaged, Verb
from gitrain.plan.kind import InPlan
from gitrain.plan.options import Options
from gitrain.plan.reasons import absent_secrets, changes
from gitrain.workspace import Query, Workspace

# What Azure ML can change on an existing cluster; everything else needs a new one.
UPDATABLE = ("min_instances", "max_instances", "idle_time_before_scale_down", "identity")


class CreateCluster(msgspec.Struct, frozen=True):
    """A cluster that does not exist yet; `project` will own it."""

    cluster: DesiredCluster
    project: str

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.cluster.secrets

    def carry_out(self, workspace: Workspace) -> None:
        workspace.create_cluster(self.cluster, self.project)


class UpdateCluster(CreateCluster, frozen=True):
    """A cluster whose differences are all UPDATABLE."""

    def carry_out(self, workspace: Workspace) -> None:
        workspace.update_cluster(self.cluster, self.project)


class ReplaceCluster(CreateCluster, frozen=True):
    """A cluster with a difference that only a new cluster can fix."""

    def carry_out(self, workspace: Workspace) -> None:
        workspace.delete_cluster(self.cluster.name)
        workspace.create_cluster(self.cluster, self.project)


class DeleteCluster(msgspec.Struct, frozen=True):
    """A cluster of this project that no manifest names."""

    name: str
    secrets: tuple[str, ...] = ()

    def carry_out(self, workspace: Workspace) -> None:
        workspace.delete_cluster(self.name)


_PAYLOADS: Mapping[Verb, type[CreateCluster]] = {
    Verb.CREATE: CreateCluster,
    Verb.UPDATE: UpdateCluster,
    Verb.REPLACE: ReplaceCluster,
}


class Clusters(InPlan[DesiredCluster]):
    """Created when missing, updated in place where Azure can, deleted only by `--prune`."""

    def ask(self, desired: Desired, query: Query) -> Query:
        """The clusters that a manifest describes, and those that a job runs on."""
        asked = {cluster.name: cluster.spec for cluster in self.among(desired)}
        return msgspec.structs.replace(
            query, asked=asked, clusters=tuple(sorted(_used(desired) | asked.keys()))
        )

    def completed(self, desired: Desired, observed: Observed) -> Observed:
        clusters = {
            cluster.name: ClusterState(
                name=cluster.name,
                spec=cluster.spec,
                reported=frozenset(ClusterSpec.__struct_fields__),
                project=desired.project,
                labels=cluster.metadata.labels,
                description=cluster.metadata.description,
            )
            for cluster in self.among(desired)
        }
        return msgspec.structs.replace(observed, clusters=clusters)

    def rows(
        self, desired: Desired, observed: Observed, options: Options, earlier: Sequence[Action]
    ) -> list[Action]:
        del earlier
        return [_planned(one, desired, observed, options) for one in self.among(desired)]

    def deletes(self, desired: Desired, observed: Observed) -> Iterator[Action]:
        return map(_delete, _removed(desired, observed))

    def unmanaged(self, desired: Desired, observed: Observed) -> Iterator[Unmanaged]:
        for state in _removed(desired, observed):
            least = state.spec.min_instances
            nodes = "1 node is" if least == 1 else f"{least} nodes are"
            cost = f"{nodes} billed while idle" if least else "it costs nothing while idle"
            yield Unmanaged(self.kind, state.name, f"no manifest names it; {cost}")

    def owned(self, desired: Desired, observed: Observed) -> int:
        named = {cluster.name: cluster for cluster in self.among(desired)}
        states = observed.clusters.items()
        return sum(owned(state, desired.project, named.get(name)) for name, state in states)

    def notes(self, desired: Desired, observed: Observed) -> Iterator[str]:
        """Labels and descriptions are set at creation: a difference is reported, but not fixed."""
        for cluster in self.among(desired):
            state = observed.clusters.get(cluster.name)
            if state is None or not owned(state, desired.project, cluster):
                continue
            labels = any(state.labels.get(k) != v for k, v in cluster.metadata.labels.items())
            if labels or state.description != cluster.metadata.description:
                yield f"{cluster.key}: labels or description differ (they are only set at creation)"


def owned(state: ClusterState, project: str, cluster: DesiredCluster | None = None) -> bool:
    """Whether we may change it: it has our tag, or its manifest says `adopt: true`."""
    return state.project == project or bool(cluster and cluster.metadata.adopt)


def cluster_changes(spec: ClusterSpec, state: ClusterState) -> tuple[Change, ...]:
    """How a cluster differs from its manifest, in the fields that it reports and the manifest sets.

    The scale fields are always set: their defaults are sent to the service.
    """
    return tuple(_changes(spec, state))


def _changes(spec: ClusterSpec, state: ClusterState) -> Iterator[Change]:
    for name in spec.__struct_fields__:
        if name not in state.reported or name == "ssh_settings":
            continue
        new, old = getattr(spec, name), getattr(state.spec, name)
        if name not in UPDATABLE and new in ("", None):
            continue
        if name == "identity" and new is None:
            continue
        if _comparable(new) != _comparable(old):
            yield Change(name, msgspec.to_builtins(old), msgspec.to_builtins(new))


def _comparable(value: Any) -> str:
    """Azure ignores case in sizes, regions and resource ids, and spaces in regions."""
    return msgspec.json.encode(value).decode().casefold().replace(" ", "")


def _planned(
    cluster: DesiredCluster, desired: Desired, observed: Observed, options: Options
) -> Action:
    state, project = observed.clusters.get(cluster.name), desired.project
    if state is None:
        absent = absent_secrets(cluster.secrets, options.absent_secrets)
        verb, reason = (Verb.BLOCKED, absent) if absent else (Verb.CREATE, _size(cluster.spec))
        return _row(cluster, project, verb, reason, Health.MISSING)
    different = cluster_changes(cluster.spec, state)
    if not owned(state, desired.project, cluster):
        how = f" (differs: {changes(different)})" if different else ""
        reason = f"not managed by this project, used as is{how}"
        return _row(cluster, project, Verb.KEEP, reason, Health.HEALTHY, different)
    if not different:
        return _row(cluster, project, Verb.KEEP, "matches its manifest", Health.HEALTHY)
    fixed = changes(change for change in different if change.path not in UPDATABLE)
    if not fixed:
        return _row(cluster, project, Verb.UPDATE, changes(different), Health.HEALTHY, different)
    if obstacle := _why_not_replaced(cluster, fixed, state, options):
        return _row(cluster, project, Verb.BLOCKED, obstacle, Health.HEALTHY, different)
    reason = f"{fixed} forces replacement"
    return _row(cluster, project, Verb.REPLACE, reason, Health.HEALTHY, different)


def _why_not_replaced(
    cluster: DesiredCluster, fixed: str, state: ClusterState, options: Options
) -> str:
    if not options.replace:
        return f"{fixed} needs --replace"
    if state.active_runs:
        return f"{fixed}: cannot be replaced while {in_use(state)}"
    return absent_secrets(cluster.secrets, options.absent_secrets)


def in_use(state: ClusterState) -> str:
    return "a run uses it" if state.active_runs == 1 else f"{state.active_runs} runs use it"


def _size(spec: ClusterSpec) -> str:
    return f"{spec.size}, {spec.min_instances} to {spec.max_instances} nodes, {spec.tier}"


def _row(
    cluster: DesiredCluster,
    project: str,
    verb: Verb,
    reason: str,
    health: Health,
    different: tuple[Change, ...] = (),
) -> Action:
    return Action(
        verb=verb,
        kind="Cluster",
        name=cluster.name,
        reason=reason,
        health=health,
        changes=different,
        location=cluster.location,
        fixed=tuple(change.path for change in different if change.path not in UPDATABLE),
        payload=_PAYLOADS[verb](cluster, project) if verb.writes else None,
    )


def _removed(desired: Desired, observed: Observed) -> Iterator[ClusterState]:
    """The clusters that this project owns, and that no manifest and no job names any more."""
    named = {cluster.name for cluster in desired.clusters} | _used(desired)
    for name, state in sorted(observed.clusters.items()):
        if name not in named and owned(state, desired.project):
            yield state


def _used(desired: Desired) -> set[str]:
    computes = (cluster_of(job.spec.compute) for job in desired.jobs)
    return {name for name in computes if name}


def _delete(state: ClusterState) -> Action:
    used = f", but {in_use(state)}" if state.active_runs else ""
    return Action(
        verb=Verb.BLOCKED if used else Verb.DELETE,
        kind="Cluster",
        name=state.name,
        reason=f"no manifest names it{used}",
        health=Health.HEALTHY,
        payload=None if used else DeleteCluster(state.name),
    )
