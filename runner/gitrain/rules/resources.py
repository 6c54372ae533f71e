"""Clusters and environments: fields that must agree, and what Azure has retired."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitrain.catalog import BASE_IMAGE, look_up, similar
from gitrain.document import Document, Path
from gitrain.errors import Problem, Severity
from gitrain.manifest import Cluster, EnvironmentSpec
from gitrain.workspace_types import Environments, WorkspaceType

_FROM = re.compile(r"^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)", re.M | re.I)
# Not from another stage, an address, or a text in the Dockerfile itself.
_COPIES = re.compile(
    r"^[ \t]*(?:COPY|ADD)[ \t]+(?:--(?!from=)\S+[ \t]+)*"
    r"(?!--|<<|[\w+]+://|git@|\[\s*\"[\w+]+://)\S.*$",
    re.M | re.I,
)
# Well-known images that are no longer built: name → what to know.
_STALE_IMAGES = {
    "fastdotai/fastai2": "its builds ended in 2022",
    "fastdotai/fastai": "its builds ended in 2022",
}


def cluster_problems(document: Document, cluster: Cluster) -> Iterator[Problem]:
    """Bounds, accounts and sizes."""
    spec, problem = cluster.spec, document.marks.problem
    if spec.min_instances > spec.max_instances:
        yield problem(
            ("spec", "min_instances"),
            "bounds",
            f"min_instances {spec.min_instances} exceeds max_instances {spec.max_instances}",
            suggestion="lower min_instances or raise max_instances",
        )
    if spec.identity and (spec.identity.type == "user_assigned") != bool(
        spec.identity.user_assigned_identities
    ):
        yield problem(
            ("spec", "identity"),
            "identity",
            "user_assigned requires user_assigned_identities, and system_assigned allows none",
            suggestion="list the resource ids of the identities, or change the type",
        )
    ssh = spec.ssh_settings
    if ssh and ssh.admin_password is None and ssh.ssh_key_value is None:
        yield problem(
            ("spec", "ssh_settings"),
            "ssh",
            "ssh_settings need admin_password or ssh_key_value",
            suggestion="write ssh_key_value: {env: NAME}",
        )
    yield from _size(document, spec.size)


def _size(document: Document, name: str) -> Iterator[Problem]:
    size, path = look_up(name), ("spec", "size")
    if size is None:
        suggestion = similar(name)
        yield document.marks.problem(
            path,
            "unknown-size",
            f"{name} is not a VM size that gitrain knows: its GPUs are not counted",
            suggestion=f"did you mean {suggestion}?" if suggestion else "",
            severity=Severity.WARNING,
        )
    elif size.retired:
        yield document.marks.problem(
            path,
            "retired-size",
            f"{name} was retired on {size.retired} and can no longer be created",
            suggestion=f"use {size.successor}" if size.successor else "",
            severity=Severity.WARNING,
        )


def environment_problems(
    document: Document, spec: EnvironmentSpec, path: Path, where: WorkspaceType
) -> Iterator[Problem]:
    """An image must be defined exactly once; without an image, there must be a Python."""
    problem = document.marks.problem
    given = [name for name in ("image", "dockerfile", "build") if getattr(spec, name)]
    if len(given) > 1:
        yield problem(
            (*path, given[1]),
            "several-images",
            f"{' and '.join(given)} cannot be used together",
            suggestion="keep only one of image, dockerfile and build",
        )
    if where.environments is Environments.BUILT:
        if not spec.requirements_file and spec.local is None:
            yield problem(
                path,
                "no-local-python",
                "this environment has neither requirements_file nor local, so it has no Python on "
                f"{where.name}",
                suggestion="write `local: {python: current}`, or a requirements_file",
            )
    elif not given and not spec.conda_file:
        yield problem(
            path,
            "no-image",
            "this environment has no image, dockerfile, build or conda_file",
            suggestion=f"write an image, such as {BASE_IMAGE}",
        )
    yield from _registry(document, spec, path)
    yield from _images(document, spec, path)
    yield from _copies(document, spec, path)


def _copies(document: Document, spec: EnvironmentSpec, path: Path) -> Iterator[Problem]:
    """A Dockerfile without a folder has nothing to copy from."""
    if copied := _COPIES.search(spec.dockerfile):
        yield document.marks.problem(
            (*path, "dockerfile"),
            "nothing-to-copy",
            f"`{copied[0].strip()[:60]}` finds nothing: a dockerfile written as text has no folder",
            suggestion="put it in a folder and write build: {path: FOLDER}",
            severity=Severity.WARNING,
        )


def _registry(document: Document, spec: EnvironmentSpec, path: Path) -> Iterator[Problem]:
    registry = spec.registry
    if registry and registry.identity and (registry.username or registry.password):
        yield document.marks.problem(
            (*path, "registry"),
            "registry",
            "a registry takes either an identity or a username and password, not both",
            suggestion="remove one of the two",
        )
    elif registry and bool(registry.username) != bool(registry.password):
        yield document.marks.problem(
            (*path, "registry"),
            "registry",
            "a registry needs both username and password",
            suggestion="write username and password: {env: NAME}, or an identity",
        )


def _images(document: Document, spec: EnvironmentSpec, path: Path) -> Iterator[Problem]:
    """The image itself, and the base image of each stage of a Dockerfile."""
    bases = dict.fromkeys(_FROM.findall(spec.dockerfile), "dockerfile")
    for image, field in {spec.image: "image", **bases}.items():
        name = re.split(r"[:@]", image.removeprefix("docker.io/"))[0]
        if name in _STALE_IMAGES:
            yield document.marks.problem(
                (*path, field),
                "stale-image",
                f"{image}: {_STALE_IMAGES[name]}",
                suggestion="build on a maintained image and pin it",
                severity=Severity.WARNING,
            )
