"""What should exist in one workspace: manifests with every file and code folder resolved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Literal, cast

import msgspec

from gitrain.errors import Location, Problem
from gitrain.identity import Identity
from gitrain.manifest import Build, ClusterSpec, JobSpec, Metadata, Policy, Registry, Spec, Value


class Definition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An environment with its files read: what its version is the digest of.

    `conda` is the parsed conda file, `requirements` and `dockerfile` are texts, `build_tree` is the
    git tree id of the build folder. `folder` is where that folder is, and in no digest.
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
    """The environment a job runs in: one of ours (`definition`), or one that Azure ML has."""

    name: str
    version: str
    definition: Definition | None = None


class DesiredResource(msgspec.Struct, frozen=True, kw_only=True):
    """What should exist, of any kind; `secrets` are the environment variables that making it
    needs."""

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
        """What tells it from all others: `Kind/name`, and the version of what has versions."""
        return self.key

    @property
    def shown(self) -> Mapping[str, Any]:
        """What a person should know of it besides its manifest: digests, versions."""
        return {}


class DesiredAsDeclared(DesiredResource, frozen=True, kw_only=True):
    """A resource of which all that matters stands in its manifest."""

    spec: Spec


class DesiredCluster(DesiredResource, frozen=True, kw_only=True):
    """A cluster."""

    kind: str = "Cluster"
    spec: ClusterSpec


class DesiredEnvironment(DesiredResource, frozen=True, kw_only=True):
    """One version of one environment; an inline one is named `<project>-inline`.

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
    """An input that is a text, as it is inserted into the command."""

    text: str


class DataPath(msgspec.Struct, frozen=True, kw_only=True, tag="data", tag_field="is"):
    """An input that is a file or a folder of the workspace; `mode` is how the run gets at it."""

    type: str
    path: str
    mode: str


class Upstream(msgspec.Struct, frozen=True, kw_only=True, tag="upstream", tag_field="is"):
    """An input that is another job's output: of the run `run_id`, once the plan knows it.

    `path` is where an adopted run left it; empty: where the workspace puts that output. `mode` is
    how the run gets at it.
    """

    job: str
    output: str
    type: str = "uri_folder"
    mode: str = "ro_mount"
    run_id: str = ""
    path: str = ""


Input = Text | DataPath | Upstream


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """A job's source tree: `folder` is where it is on this machine, `tree` its git tree id."""

    folder: str
    tree: str


class DesiredJob(DesiredResource, frozen=True, kw_only=True):
    """A job, and what the identity of its runs is made of.

    `canonical` is what it computes, with defaults left out and secrets as references; `digest` is
    the first 12 hex digits of its sha256. `placement` is where and under which limits it computes.
    `parts` are the digests it is made of. `upstream` are the jobs it takes outputs from or depends
    on. `secrets` are those of its run; `variant` marks a run by hand.
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
        """Which run its run of this attempt is."""
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
    """All resources of the manifests that exist in the workspace at hand.

    `resources` are those of each kind; jobs come in an order in which each follows its upstream.
    `unsupported` are documents that were left out with a warning, `left_out` files that a sparse
    checkout lacks: either makes `--prune` unsafe. On a local workspace there are no clusters and
    environments.
    """

    project: str
    workspace: str
    kind: Literal["local", "azureml", "memory"]
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
        """The same with these resources of a kind, and no others of it."""
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
