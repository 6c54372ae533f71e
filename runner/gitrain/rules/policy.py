"""What the project's policy forbids in manifests. The guards of a plan check its budgets."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from gitrain.document import Document, Manifests
from gitrain.errors import Problem
from gitrain.manifest import Cluster, Job, Policy

CODE = "policy"


def check_policy(manifests: Manifests, policy: Policy | None = None) -> tuple[Problem, ...]:
    """Every violation in every workspace, each reported once, sorted by position.

    The policy is the project's own, unless another one judges.
    """
    policy = policy or manifests.project.spec.policy
    found = {p: None for document in manifests.all() for p in _check(document, policy)}
    return tuple(sorted(found, key=lambda problem: problem.order))


def _check(document: Document, policy: Policy) -> Iterator[Problem]:
    for label in policy.required_labels:
        if label not in document.resource.metadata.labels:
            yield document.marks.problem(
                ("metadata",),
                CODE,
                f"policy: {document.kind} {document.name} has no label {label}",
                suggestion=f"write {document.field('metadata.labels')}.{label}",
            )
    match document.resource:
        case Cluster() as cluster:
            yield from _cluster(document, cluster, policy)
        case Job() as job:
            yield from _job(document, job, policy)


def _cluster(document: Document, cluster: Cluster, policy: Policy) -> Iterator[Problem]:
    most, allowed = policy.max_instances, policy.allowed_sizes
    if most is not None and cluster.spec.max_instances > most:
        yield document.marks.problem(
            ("spec", "max_instances"),
            CODE,
            f"policy: max_instances {cluster.spec.max_instances} exceeds the limit of {most}",
        )
    size = cluster.spec.size.casefold()
    if allowed and not any(fnmatchcase(size, glob.casefold()) for glob in allowed):
        yield document.marks.problem(
            ("spec", "size"),
            CODE,
            f"policy: size {cluster.spec.size} is not one of {', '.join(allowed)}",
        )


def _job(document: Document, job: Job, policy: Policy) -> Iterator[Problem]:
    most, count = policy.max_instances, job.spec.resources.instance_count
    if most is not None and count > most:
        yield document.marks.problem(
            ("spec", "resources", "instance_count"),
            CODE,
            f"policy: instance_count {count} exceeds the limit of {most}",
        )
    timeout, longest = job.spec.limits.timeout, policy.max_timeout
    if policy.require_timeout and timeout is None:
        yield document.marks.problem(
            ("spec",),
            CODE,
            f"policy: job {document.name} has no limits.timeout",
            suggestion=f"write {document.field('spec.limits.timeout')}, in seconds, "
            "or spec.defaults.Job.limits in gitrain.yaml",
        )
    if longest is not None and timeout is not None and timeout > longest:
        yield document.marks.problem(
            ("spec", "limits", "timeout"),
            CODE,
            f"policy: limits.timeout {timeout} s exceeds the limit of {longest} s",
        )
