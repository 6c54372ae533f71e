"""--select: which rows a plan is narrowed to. What the selected need comes along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from gitrain.desired import Desired, DesiredJob
from gitrain.errors import UsageError
from gitrain.plan.actions import Action


def selected(desired: Desired, patterns: Iterable[str]) -> frozenset[str]:
    """The keys (`Kind/name`) that the patterns choose, and all that those need.

    Raises UsageError for a pattern that chooses nothing: a slip of the pen must not pass for an
    empty plan.
    """
    jobs = {job.name: job for job in desired.jobs}
    labels = _labels(desired)
    chosen: set[str] = set()
    for pattern in patterns:
        found = {key for key in labels if _matches(pattern, key, labels[key])}
        if not found:
            raise UsageError(f"--select {pattern}: no resource of this workspace matches")
        chosen |= found
    for key in sorted(chosen):
        kind, _, name = key.partition("/")
        if kind == "Job":
            _with_needs(jobs[name], jobs, chosen)
    return frozenset(chosen)


def _labels(desired: Desired) -> dict[str, Mapping[str, str]]:
    clusters = {f"Cluster/{c.name}": c.metadata.labels for c in desired.clusters}
    environments = {f"Environment/{e.name}": e.metadata.labels for e in desired.environments}
    return {
        **clusters,
        **environments,
        **{f"Job/{j.name}": j.metadata.labels for j in desired.jobs},
    }


def _matches(pattern: str, key: str, labels: Mapping[str, str]) -> bool:
    if "=" in pattern:
        label, _, value = pattern.partition("=")
        return label in labels and fnmatchcase(labels[label], value)
    if "/" in pattern:
        kind, _, name = pattern.partition("/")
        return fnmatchcase(key, f"{kind.capitalize()}/{name}")
    return fnmatchcase(key.partition("/")[2], pattern)


def _with_needs(job: DesiredJob, jobs: Mapping[str, DesiredJob], chosen: set[str]) -> None:
    chosen.add(f"Job/{job.name}")
    if job.spec.compute:
        chosen.add(f"Cluster/{job.spec.compute}")
    if job.environment and job.environment.definition:
        chosen.add(f"Environment/{job.environment.name}")
    for name in job.upstream:
        if f"Job/{name}" not in chosen:
            _with_needs(jobs[name], jobs, chosen)


def narrowed(actions: Iterable[Action], keys: frozenset[str]) -> tuple[Action, ...]:
    """The rows of these resources, in their order."""
    return tuple(action for action in actions if action.key in keys)
