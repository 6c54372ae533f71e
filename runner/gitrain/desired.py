"""What should exist in one workspace: manifests with every file and code folder resolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from gitrain.errors import Location, Problem
from gitrain.manifest import Build, ClusterSpec, JobSpec, Metadata, Policy, Registry, Value
from gitrain.workspace_types import WorkspaceType


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


class DesiredCluster(msgspec.Struct, frozen=True, kw_only=True):
    """A cluster; `secrets` are the environment variables that making it needs."""

    name: str
    metadata: Metadata
    spec: ClusterSpec
    secrets: tuple[str, ...] = ()
    location: Location


class DesiredEnvironment(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one environment; an inline one is named `<project>-inline`.

    `secrets` are the environment variables that registering it needs: its registry's.
    """

    name: str
    metadata: Metadata
    version: str
    definition: Definition
    secrets: tuple[str, ...] = ()
    location: Location


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


class DesiredJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job and its identity.

    `canonical` is what it computes, with defaults left out and secrets as references; `digest` is
    the first 12 hex digits of its sha256. `placement` is where and under which limits it computes.
    `parts` are the digests it is made of. `upstream` are the jobs it takes outputs from or depends
    on. `secrets` are the environment variables its run needs; `variant` marks a run by hand.
    """

    name: str
    metadata: Metadata
    spec: JobSpec
    digest: str
    canonical: Mapping[str, Any]
    placement: Mapping[str, Any]
    parts: Mapping[str, str]
    inputs: Mapping[str, Input] = {}
    upstream: tuple[str, ...] = ()
    environment: EnvironmentUse | None = None
    code: Code | None = None
    secrets: tuple[str, ...] = ()
    variant: bool = False
    location: Location


class Desired(msgspec.Struct, frozen=True, kw_only=True):
    """All resources of the manifests that exist in the workspace at hand.

    `jobs` come in an order in which each follows its upstream. `unsupported` are documents that
    were left out with a warning, `left_out` files that a sparse checkout lacks: either makes
    `--prune` unsafe. Where clusters or environments are not resources, as the workspace's `type`
    says, there are none of them here.
    """

    project: str
    workspace: str
    type: WorkspaceType
    clusters: tuple[DesiredCluster, ...] = ()
    environments: tuple[DesiredEnvironment, ...] = ()
    jobs: tuple[DesiredJob, ...] = ()
    policy: Policy = Policy()
    commit: str = ""
    dirty: bool = False
    unsupported: int = 0
    left_out: int = 0
    notes: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def secrets(self) -> frozenset[str]:
        """The environment variables that any action on these resources may need."""
        needs = (
            *(cluster.secrets for cluster in self.clusters),
            *(environment.secrets for environment in self.environments),
            *(job.secrets for job in self.jobs),
        )
        return frozenset(name for names in needs for name in names)
