"""The rows of clusters and environments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from gitrain.desired import Desired, DesiredCluster, DesiredEnvironment
from gitrain.diff import Change
from gitrain.manifest import ClusterSpec
from gitrain.observed import ClusterState, Observed
from gitrain.plan.actions import Action, Health, Verb
from gitrain.plan.options import Options
from gitrain.plan.reasons import absent_secrets, changes

# What Azure ML changes on a living cluster; all else needs a new one.
UPDATABLE = ("min_instances", "max_instances", "idle_time_before_scale_down", "identity")
_OUR_VERSION = re.compile(r"[0-9a-f]{12}")


def owned(state: ClusterState, project: str, cluster: DesiredCluster | None = None) -> bool:
    """Whether we may change it: it bears our tag, or its manifest says `adopt: true`."""
    return state.project == project or bool(cluster and cluster.metadata.adopt)


def cluster_changes(spec: ClusterSpec, state: ClusterState) -> tuple[Change, ...]:
    """How a cluster differs from its manifest, in what it reported and the manifest sets.

    The scale fields are always set: their defaults are written out to the service.
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
    """Azure ignores case in sizes, regions and resource ids, and blanks in regions."""
    return msgspec.json.encode(value).decode().casefold().replace(" ", "")


def cluster_rows(desired: Desired, observed: Observed, options: Options) -> list[Action]:
    """One row for each cluster that a manifest names."""
    return [_cluster_row(cluster, desired, observed, options) for cluster in desired.clusters]


def _cluster_row(
    cluster: DesiredCluster, desired: Desired, observed: Observed, options: Options
) -> Action:
    state = observed.clusters.get(cluster.name)
    if state is None:
        absent = absent_secrets(cluster.secrets, options.absent_secrets)
        verb, reason = (Verb.BLOCKED, absent) if absent else (Verb.CREATE, _size(cluster.spec))
        return _row(cluster, verb, reason, Health.MISSING)
    different = cluster_changes(cluster.spec, state)
    if not owned(state, desired.project, cluster):
        how = f"; it differs: {changes(different)}" if different else ""
        reason = f"not ours, used as it is{how}"
        return _row(cluster, Verb.KEEP, reason, Health.HEALTHY, different)
    if not different:
        return _row(cluster, Verb.KEEP, "as its manifest says", Health.HEALTHY)
    fixed = changes(change for change in different if change.path not in UPDATABLE)
    if not fixed:
        return _row(cluster, Verb.UPDATE, changes(different), Health.HEALTHY, different)
    if obstacle := _why_not_replaced(cluster, fixed, state, options):
        return _row(cluster, Verb.BLOCKED, obstacle, Health.HEALTHY, different)
    reason = f"{fixed} forces replacement"
    return _row(cluster, Verb.REPLACE, reason, Health.HEALTHY, different)


def _why_not_replaced(
    cluster: DesiredCluster, fixed: str, state: ClusterState, options: Options
) -> str:
    if not options.replace:
        return f"{fixed} needs --replace"
    if state.active_runs:
        return f"{fixed}: not while {in_use(state)}"
    return absent_secrets(cluster.secrets, options.absent_secrets)


def in_use(state: ClusterState) -> str:
    return "a run uses it" if state.active_runs == 1 else f"{state.active_runs} runs use it"


def _size(spec: ClusterSpec) -> str:
    return f"{spec.size}, {spec.min_instances} to {spec.max_instances} nodes, {spec.tier}"


def _row(
    cluster: DesiredCluster,
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
        cluster=cluster if verb.writes else None,
    )


def cluster_notes(desired: Desired, observed: Observed) -> Iterator[str]:
    """Labels and descriptions are set when a cluster is made: a difference is said, no more."""
    for cluster in desired.clusters:
        state = observed.clusters.get(cluster.name)
        if state is None or not owned(state, desired.project, cluster):
            continue
        labels = any(state.labels.get(k) != v for k, v in cluster.metadata.labels.items())
        if labels or state.description != cluster.metadata.description:
            yield f"Cluster/{cluster.name}: labels or description differ; they are set at creation"


def environment_rows(desired: Desired, observed: Observed, options: Options) -> list[Action]:
    """One row for each version of an environment that a manifest or a job defines."""
    return [_environment_row(e, observed, options) for e in desired.environments]


def _environment_row(
    environment: DesiredEnvironment, observed: Observed, options: Options
) -> Action:
    state = observed.environments.get(environment.name)
    versions = state.versions if state else frozenset()
    foreign = sorted(v for v in versions if not _OUR_VERSION.fullmatch(v))
    if environment.version in versions:
        verb, reason, health = Verb.KEEP, f"version {environment.version}", Health.HEALTHY
    elif foreign and not environment.metadata.adopt:
        reason = (
            f"has versions that gitrain did not make ({foreign[-1]}): choose another name, "
            "or say `adopt: true`"
        )
        verb, health = Verb.BLOCKED, Health.MISSING
    elif reason := absent_secrets(environment.secrets, options.absent_secrets):
        verb, health = Verb.BLOCKED, Health.MISSING
    else:
        verb, reason, health = Verb.REGISTER, f"version {environment.version}", Health.MISSING
    return Action(
        verb=verb,
        kind="Environment",
        name=environment.name,
        reason=reason,
        health=health,
        digest=environment.version,
        location=environment.location,
        environment=environment if verb.writes else None,
    )
