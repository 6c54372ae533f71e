"""What should exist in one workspace: manifests with every file and code folder resolved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, cast

import msgspec

from gitrain.errors import Location, Problem
from gitrain.identity import Identity
from gitrain.manifest import Build, ClusterSpec, JobSpec, Metadata, Policy, Registry, Spec, Value
from gitrain.workspace_types import WorkspaceType


class Definition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An environment with the content of its files; its version is the digest of this.

    `conda` is the parsed conda file, `requirements` and `dockerfile` are texts, `build_tree` is the
    git tree id of the build folder. `folder` is the path of that folder, not part of any digest.
    """

    image: str = ""
    dockerfile: str = ""
    build: Build | None = None
    build_tree: str = ""
    conda: Mapping[str, Any] | None = None
    requirements: str = ""
    environment_variables: Mapping[str, str | Value] = {}
    registry: Registry | None = None
    folder: str = ""


class EnvironmentUse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The environment of a job: one of ours, with a `definition`, or one that Azure ML has."""

    name: str
    version: str
    definition: Definition | None = None


class DesiredResource(msgspec.Struct, frozen=True, kw_only=True):
    """A resource of any kind that should exist; `secrets` are the environment variables needed to
    create it."""

    kind: str
    name: str
    metadata: Metadata
    secrets: tuple[str, ...] = ()
    location: Location

    @property
    def key(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def address(self) -> str:
        """Its unique address: `Kind/name`, and the version if it has versions."""
        return self.key

    @property
    def shown(self) -> Mapping[str, Any]:
        """What people should see in addition to its manifest: digests, versions."""
        return {}


class DesiredAsDeclared(DesiredResource, frozen=True, kw_only=True):
    """A resource that its manifest describes completely."""

    spec: Spec


class DesiredCluster(DesiredResource, frozen=True, kw_only=True):
    """A cluster."""

    kind: str = "Cluster"
    spec: ClusterSpec


class DesiredEnvironment(DesiredResource, frozen=True, kw_only=True):
    """One version of one environment; an inline environment is named `<project>-inline`.

    `secrets` are those of its registry.
    """

    kind: str = "Environment"
    version: str
    definition: Definition

    @property
    def address(self) -> str:
        return f"{self.key}:{self.version}"

    @property
    def shown(self) -> Mapping[str, Any]:
        return {"version": self.version}


class Text(msgspec.Struct, frozen=True, tag="text", tag_field="is"):
    """An input that is a string, as it is inserted into the command."""

    text: str


class DataPath(msgspec.Struct, frozen=True, kw_only=True, tag="data", tag_field="is"):
    """An input that is a file or a folder of the workspace; `mode` is how the run accesses it."""

    type: str
    path: str
    mode: str


class Upstream(msgspec.Struct, frozen=True, kw_only=True, tag="upstream", tag_field="is"):
    """An input that is another job's output: that of the run `run_id`, once the plan knows it.

    `path` is where an adopted run left it, or empty for the workspace's own location. `mode` is how
    the run accesses it.
    """

    job: str
    output: str
    type: str = "uri_folder"
    mode: str = "ro_mount"
    run_id: str = ""
    path: str = ""


Input = Text | DataPath | Upstream


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """A job's source tree: `folder` is its path on this machine, `tree` its git tree id."""

    folder: str
    tree: str


class DesiredJob(DesiredResource, frozen=True, kw_only=True):
    """A job, and everything that determines the identity of its runs.

    `canonical` is what it computes, with defaults left out and secrets as references; `digest` is
    the first 12 hex digits of its sha256. `placement` is where it computes, and under which limits.
    `parts` are the digests that it consists of. `upstream` are the jobs that it takes outputs from
    or depends on. `secrets` are those that its run needs; `variant` marks a run by hand.
    """

    kind: str = "Job"
    spec: JobSpec
    digest: str
    canonical: Mapping[str, Any]
    placement: Mapping[str, Any]
    parts: Mapping[str, str]
    inputs: Mapping[str, Input] = {}
    upstream: tuple[str, ...] = ()
    environment: EnvironmentUse | None = None
    code: Code | None = None
    variant: bool = False

    @property
    def shown(self) -> Mapping[str, Any]:
        return {
            "digest": self.digest,
            "parts": dict(self.parts),
            "placement": dict(self.placement),
        }

    def identity(self, project: str, attempt: int) -> Identity:
        """The identity of its run with this attempt number."""
        return Identity(
            project=project,
            job=self.name,
            digest=self.digest,
            attempt=attempt,
            canonical=self.canonical,
            placement=self.placement,
            parts=self.parts,
        )


class Desired(msgspec.Struct, frozen=True, kw_only=True):
    """All resources of the manifests that should exist in one workspace.

    `resources` has them by kind; each job comes after its upstream jobs. `unsupported` counts the
    documents left out with a warning, `left_out` the files that a sparse checkout lacks: either
    makes `--prune` unsafe. Clusters and environments are missing where the workspace's `type` says
    that they are not resources.
    """

    project: str
    workspace: str
    type: WorkspaceType
    resources: Mapping[str, tuple[DesiredResource, ...]] = {}
    policy: Policy = Policy()
    commit: str = ""
    dirty: bool = False
    unsupported: int = 0
    left_out: int = 0
    notes: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()

    def of(self, kind: str) -> tuple[DesiredResource, ...]:
        """The resources of one kind."""
        return self.resources.get(kind, ())

    def having(self, kind: str, resources: Iterable[DesiredResource]) -> Desired:
        """The same, with the resources of this kind replaced by these."""
        return msgspec.structs.replace(self, resources={**self.resources, kind: tuple(resources)})

    @property
    def all(self) -> Iterator[DesiredResource]:
        """The resources of all kinds, in the order of the plan."""
        return chain.from_iterable(self.resources.values())

    @property
    def clusters(self) -> tuple[DesiredCluster, ...]:
        return cast(tuple[DesiredCluster, ...], self.of("Cluster"))

    @property
    def environments(self) -> tuple[DesiredEnvironment, ...]:
        return cast(tuple[DesiredEnvironment, ...], self.of("Environment"))

    @property
    def jobs(self) -> tuple[DesiredJob, ...]:
        return cast(tuple[DesiredJob, ...], self.of("Job"))

    @property
    def secrets(self) -> frozenset[str]:
        """The environment variables that any action on these resources may need."""
        return frozenset(name for resource in self.all for name in resource.secrets)
