"""What a job refers to: its cluster, its environment and other jobs."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from gitrain import assets
from gitrain.catalog import look_up
from gitrain.document import Document, Path
from gitrain.errors import Problem, Severity
from gitrain.graph import as_upstream
from gitrain.manifest import Data, EnvironmentSpec, Job, Output
from gitrain.rules.fields import refused_fields
from gitrain.rules.names import Names, near
from gitrain.rules.resources import environment_problems
from gitrain.workspace_types import Environments


def job_references(document: Document, job: Job, names: Names) -> Iterator[Problem]:
    """Names that do not exist in this workspace, and edges that form a cycle."""
    yield from _compute(document, job, names)
    yield from _environment(document, job, names)
    yield from _upstream(document, job, names)
    yield from _cycle(document, names)


def asset_problem(document: Document, path: Path, asset: str, what: str) -> Problem | None:
    """The problem with an asset that is not a valid `azureml:NAME:VERSION`; None if it is valid."""
    if assets.is_in_registry(asset):
        return document.marks.problem(
            path,
            "not-supported",
            f"{what} from a registry ({asset}) is not supported yet",
            suggestion=f"use {assets.ASSET} of the workspace",
        )
    if assets.parse(asset) is None:
        return document.marks.problem(
            path,
            "no-version",
            f"{asset} has no version"
            if assets.lacks_version(asset)
            else f"{asset} is not of the form {assets.ASSET}",
            suggestion=f"write a version, as in {assets.ASSET}, so that the same manifest always "
            "means the same run",
        )
    return None


def not_there(document: Document, path: Path, asset: str, names: Names, field: str) -> Problem:
    """The problem that this type of workspace cannot use `asset`, which is in Azure ML."""
    return document.marks.problem(
        path,
        names.type.elsewhere,
        f"{asset} is in Azure ML, but workspace {names.workspace} is of type {names.type.name}",
        suggestion=f"override it (overrides.{names.workspace}.{field}), "
        "or list other workspaces in metadata.workspaces",
    )


def _compute(document: Document, job: Job, names: Names) -> Iterator[Problem]:
    compute = job.spec.compute
    if not names.type.clusters:
        return
    if not compute:
        yield document.marks.problem(
            ("spec",),
            "no-compute",
            f"job {document.name} has no compute in workspace {names.workspace}",
            suggestion=f"write {document.field('spec.compute')}, "
            "or spec.defaults.Job.compute in gitrain.yaml",
        )
    elif assets.is_reference(compute):
        if not assets.names_cluster(compute):
            yield document.marks.problem(
                ("spec", "compute"),
                "bad-reference",
                f"{compute} is not a valid reference to a cluster",
                suggestion=f"write {assets.CLUSTER} for a cluster that exists in the workspace",
            )
    elif compute not in names.clusters:
        path = ("spec", "compute")
        yield from _unknown(document, path, "unknown-cluster", compute, names, names.clusters)
    else:
        yield from _fits(document, job, names)


def _fits(document: Document, job: Job, names: Names) -> Iterator[Problem]:
    cluster = names.clusters[job.spec.compute].spec
    if job.spec.resources.instance_count > cluster.max_instances:
        yield document.marks.problem(
            ("spec", "resources", "instance_count"),
            "too-many-instances",
            f"{job.spec.resources.instance_count} instances do not fit on {job.spec.compute}, "
            f"which has at most {cluster.max_instances}",
            suggestion="lower instance_count or raise the cluster's max_instances",
        )
    size, distribution = look_up(cluster.size), job.spec.distribution
    wanted = distribution.process_count_per_instance if distribution else 1
    if size and size.gpus and wanted > size.gpus:
        yield document.marks.problem(
            ("spec", "distribution", "process_count_per_instance"),
            "more-processes-than-gpus",
            f"{wanted} processes share {size.gpus} GPU{'s' * (size.gpus > 1)} of a {cluster.size}",
            severity=Severity.WARNING,
        )


def _environment(document: Document, job: Job, names: Names) -> Iterator[Problem]:
    environment, path = job.spec.environment, ("spec", "environment")
    registered = names.type.environments is Environments.REGISTERED
    if isinstance(environment, EnvironmentSpec):
        yield from environment_problems(document, environment, path, names.type)
        yield from refused_fields(document, environment, path, names)
    elif not environment:
        if registered:
            yield document.marks.problem(
                ("spec",),
                "no-environment",
                f"job {document.name} has no environment in workspace {names.workspace}",
                suggestion=f"write {document.field('spec.environment')}: "
                f"the name of a manifest, or {assets.ASSET}",
            )
    else:
        yield from _named_environment(document, environment, names)


def _named_environment(document: Document, environment: str, names: Names) -> Iterator[Problem]:
    path: Path = ("spec", "environment")
    if ours := assets.named(environment, names.environments):
        if ours != environment:
            yield document.marks.problem(
                path,
                "own-environment",
                f"{environment} is defined by a manifest, and gitrain uses that definition",
                suggestion=f"write {ours}: its version is the digest of its definition",
                severity=Severity.WARNING,
            )
    elif assets.is_reference(environment):
        if names.type.environments is not Environments.REGISTERED:
            yield not_there(document, path, environment, names, "environment")
        elif problem := asset_problem(document, path, environment, "an environment"):
            yield problem
    else:
        yield from _unknown(
            document, path, "unknown-environment", environment, names, names.environments
        )


def _upstream(document: Document, job: Job, names: Names) -> Iterator[Problem]:
    for index, name in enumerate(job.spec.depends_on):
        if name not in names.jobs:
            path: Path = ("spec", "depends_on", index)
            yield from _unknown(document, path, "unknown-job", name, names, names.jobs)
    for name, value in job.spec.inputs.items():
        edge, path = as_upstream(value), ("spec", "inputs", name)
        if edge is None:
            continue
        if edge.job not in names.jobs:
            yield from _unknown(document, path, "unknown-job", edge.job, names, names.jobs)
        elif edge.output not in names.jobs[edge.job].spec.outputs:
            outputs = names.jobs[edge.job].spec.outputs
            yield document.marks.problem(
                path,
                "unknown-output",
                f"job {edge.job} has no output {edge.output}",
                suggestion=near(edge.output, outputs) or _others(edge.job, outputs),
            )
        elif isinstance(value, Data):
            output = names.jobs[edge.job].spec.outputs[edge.output]
            yield from _fitting(document, path, value, output)


def _others(job: str, outputs: Iterable[str]) -> str:
    names = ", ".join(outputs)
    return f"its outputs: {names}" if names else f"declare it under spec.outputs of job {job}"


def _fitting(document: Document, path: Path, data: Data, output: Output) -> Iterator[Problem]:
    """Problems with what an edge says of its data, other than where they come from."""
    if data.type != output.type:
        yield document.marks.problem(
            (*path, "type"),
            "wrong-type",
            f"{data.path} is a {output.type}, not a {data.type}",
            suggestion=f"write type: {output.type}",
        )
    if data.fingerprint == "content":
        yield document.marks.problem(
            (*path, "fingerprint"),
            "fingerprint",
            "another job's output is identified by that job's digest, not by its content",
            suggestion="remove it",
        )


def _cycle(document: Document, names: Names) -> Iterator[Problem]:
    """A shortest way from this job back to itself."""
    if document.name not in names.stuck:
        return
    follower: dict[str, str] = {}
    waiting = deque([document.name])
    while waiting and document.name not in follower:
        name = waiting.popleft()
        for before in names.upstream[name]:
            if before in names.stuck and before not in follower:
                follower[before] = name
                waiting.append(before)
    if document.name in follower:
        way = [document.name]
        while (step := follower[way[-1]]) != document.name:
            way.append(step)
        shown = way if len(way) <= 10 else [*way[:9], f"… ({len(way)} jobs)"]
        yield document.marks.problem(
            ("spec",),
            "cycle",
            f"jobs wait for each other: {' → '.join([*shown, document.name])}",
            suggestion="remove one of these dependencies",
        )


def _unknown(
    document: Document, path: Path, code: str, name: str, names: Names, known: Iterable[str]
) -> Iterator[Problem]:
    what = code.removeprefix("unknown-")
    if (what.capitalize(), name) in names.broken:
        return
    yield document.marks.problem(
        path,
        code,
        f"no {what} named {name} in workspace {names.workspace}",
        suggestion=near(name, known) or _instead(what, name, names),
    )


def _instead(what: str, name: str, names: Names) -> str:
    if what == "cluster":
        return f"add a manifest, or write {assets.to_cluster(name)}"
    if what == "environment" and names.type.environments is Environments.REGISTERED:
        return f"add a manifest, or write {assets.Asset(name, 'VERSION')}"
    return f"add a manifest, or list {names.workspace} in its metadata.workspaces"
