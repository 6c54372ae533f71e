"""The project's manifest, gitrain.yaml: its name, workspaces and policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from gitrain.kinds import KINDS
from gitrain.manifest.common import (
    ApiVersion,
    FilePath,
    LabelValue,
    Seconds,
    Spec,
    VariableName,
    WorkspaceName,
)

ProjectName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$",
        max_length=40,
        description="Marks what this project owns in a workspace; at most 40 characters.",
    ),
]
KindName = Annotated[
    str,
    Meta(pattern=f"^({'|'.join(KINDS)})$", description=f"One of: {', '.join(KINDS)}."),
]


class Protect(Spec, frozen=True, kw_only=True):
    """What `reconcile` insists on; `--force` overrides it and is recorded with the runs."""

    branch: Annotated[
        str, Meta(description="Reconcile only the commit that is this remote branch's head.")
    ] = ""
    clean: Annotated[
        bool | None, Meta(description="Reconcile only a clean tree; default: true on azureml.")
    ] = None


class WorkspaceSpec(Spec, frozen=True, kw_only=True):
    """What every type of workspace has."""

    protect: Annotated[Protect, Meta(description="What reconcile insists on.")] = Protect()
    prune: Annotated[bool, Meta(description="Reconcile with --prune by default.")] = False
    vars: Annotated[
        Mapping[VariableName, str | int | float | bool],
        Meta(description="Values for `${{vars.X}}` in this workspace."),
    ] = msgspec.field(default_factory=dict)


class LocalWorkspace(WorkspaceSpec, frozen=True, kw_only=True, tag="local", tag_field="type"):
    """One's own machine."""

    path: Annotated[FilePath, Meta(description="Where runs are kept, relative to the project.")] = (
        ".gitrain"
    )
    slots: Annotated[int, Meta(ge=1, le=1024, description="Most runs at once.")] = 1


class AzuremlWorkspace(WorkspaceSpec, frozen=True, kw_only=True, tag="azureml", tag_field="type"):
    """An Azure Machine Learning workspace."""

    config: Annotated[str, Meta(description="Its config.json, relative to the project.")] = ""
    subscription_id: Annotated[str, Meta(description="Subscription, instead of `config`.")] = ""
    resource_group: Annotated[str, Meta(description="Resource group, instead of `config`.")] = ""
    workspace_name: Annotated[str, Meta(description="Name in Azure, instead of `config`.")] = ""


class Policy(Spec, frozen=True, kw_only=True):
    """What manifests and plans may ask for; a violation is exit 4."""

    max_instances: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(description="Most nodes of a cluster, and of a job."),
    ] = None
    allowed_sizes: Annotated[
        tuple[str, ...], Meta(description="Globs of VM sizes; case is ignored. Empty: any.")
    ] = ()
    require_timeout: Annotated[bool, Meta(description="Every job needs `limits.timeout`.")] = False
    max_timeout: Annotated[
        Seconds | None, Meta(description="Longest `limits.timeout`, in seconds.")
    ] = None
    required_labels: Annotated[
        tuple[str, ...], Meta(description="Labels that every resource must have.")
    ] = ()
    max_submits: Annotated[
        int,
        Meta(ge=0, description="Most submits of one reconcile of a workspace that is not local."),
    ] = 20
    max_gpu_hours: Annotated[
        Annotated[float, Meta(ge=0)] | None,
        Meta(description="Most GPU-hours that the submits of one plan may take."),
    ] = None


class ProjectMetadata(Spec, frozen=True, kw_only=True):
    """What it is called."""

    name: ProjectName
    description: Annotated[str, Meta(description="A sentence for people.")] = ""
    labels: Annotated[
        Mapping[Annotated[str, Meta(min_length=1, max_length=128)], LabelValue],
        Meta(description="Free key: value pairs."),
    ] = msgspec.field(default_factory=dict)


class ProjectSpec(Spec, frozen=True, kw_only=True):
    """Where the manifests are, where they run, and what they may ask for."""

    manifests: Annotated[
        tuple[Annotated[FilePath, Meta(min_length=1)], ...],
        Meta(description="Folders or globs."),
    ] = ("jobs",)
    default_workspace: Annotated[
        str, Meta(description="The workspace without -w; default: the only one, or `local`.")
    ] = ""
    workspaces: Annotated[
        Mapping[WorkspaceName, LocalWorkspace | AzuremlWorkspace],
        Meta(description="The places where things run."),
    ] = msgspec.field(default_factory=lambda: {"local": LocalWorkspace()})
    defaults: Annotated[
        Mapping[KindName, Mapping[str, Any]],
        Meta(description="Merged under the `spec` of every resource of the kind."),
    ] = msgspec.field(default_factory=dict)
    policy: Annotated[Policy, Meta(description="What may be asked for.")] = Policy()


class Project(Spec, frozen=True, kw_only=True, tag="Project", tag_field="kind"):
    """gitrain.yaml: the project's name, workspaces and policy."""

    apiVersion: ApiVersion
    metadata: ProjectMetadata
    spec: ProjectSpec = ProjectSpec()
