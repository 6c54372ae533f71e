"""A workspace as it would be if everything that some manifests ask for had come to a good end."""

from __future__ import annotations

from gitrain.desired import Desired, DesiredJob
from gitrain.manifest import ClusterSpec
from gitrain.observed import ClusterState, EnvironmentState, Observed, Phase, Run
from gitrain.plan.runs import desired_tags


def as_if_completed(desired: Desired) -> Observed:
    """Every cluster as its manifest says, every environment registered, every job completed."""
    versions: dict[str, set[str]] = {}
    for environment in desired.environments:
        versions.setdefault(environment.name, set()).add(environment.version)
    clusters = {
        cluster.name: ClusterState(
            name=cluster.name,
            spec=cluster.spec,
            reported=frozenset(ClusterSpec.__struct_fields__),
            project=desired.project,
            labels=cluster.metadata.labels,
            description=cluster.metadata.description,
        )
        for cluster in desired.clusters
    }
    return Observed(
        clusters=clusters,
        environments={
            n: EnvironmentState(name=n, versions=frozenset(v)) for n, v in versions.items()
        },
        runs=tuple(_completed(desired, job) for job in desired.jobs if not job.spec.suspend),
    )


def _completed(desired: Desired, job: DesiredJob) -> Run:
    return Run(
        identity=job.identity(desired.project, 1),
        phase=Phase.COMPLETED,
        tags=desired_tags(job),
    )
