"""The project's manifest, gitrain.yaml: its name, workspaces and policy."""

from __future__ import annotations

import functools
import operator
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

HOME = ".gitrain"

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
    """What `reconcile` requires; `--force` overrides it and is recorded with the runs."""

    branch: Annotated[
        str, Meta(description="Reconcile only the head of this branch on the remote.")
    ] = ""
    clean: Annotated[
        bool | None, Meta(description="Reconcile only a clean tree; default: true on azureml.")
    ] = None


class WorkspaceSpec(Spec, frozen=True, kw_only=True):
    """What every type of workspace has; the types are in `gitrain.workspace_types`."""

    protect: Annotated[Protect, Meta(description="What reconcile requires.")] = Protect()
    prune: Annotated[bool, Meta(description="Reconcile with --prune by default.")] = False
    vars: Annotated[
        Mapping[VariableName, str | int | float | bool],
        Meta(description="Values for `${{vars.X}}` in this workspace."),
    ] = msgspec.field(default_factory=dict)

    @property
    def home(self) -> str:
        """The folder for gitrain's files on this machine, relative to the project."""
        return HOME


class Policy(Spec, frozen=True, kw_only=True):
    """Limits for manifests and plans; a violation exits with 4."""

    max_instances: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(description="Maximum number of nodes of a cluster or a job."),
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
        Meta(ge=0, description="Most submits in one reconcile of a workspace that is not local."),
    ] = 20
    max_gpu_hours: Annotated[
        Annotated[float, Meta(ge=0)] | None,
        Meta(description="Most GPU-hours that the submits of one plan may take."),
    ] = None


class ProjectMetadata(Spec, frozen=True, kw_only=True):
    """Its name."""

    name: ProjectName
    description: Annotated[str, Meta(description="A short description for people.")] = ""
    labels: Annotated[
        Mapping[Annotated[str, Meta(min_length=1, max_length=128)], LabelValue],
        Meta(description="Arbitrary key: value pairs."),
    ] = msgspec.field(default_factory=dict)


class ProjectSpec(Spec, frozen=True, kw_only=True):
    """Where the manifests are, where they run, and their limits."""

    manifests: Annotated[
        tuple[Annotated[FilePath, Meta(min_length=1)], ...],
        Meta(description="Folders or globs of manifests."),
    ] = ("jobs",)
    default_workspace: Annotated[
        str, Meta(description="The workspace to use without -w; default: the only one, or `local`.")
    ] = ""
    workspaces: Mapping[WorkspaceName, WorkspaceSpec]
    defaults: Annotated[
        Mapping[KindName, Mapping[str, Any]],
        Meta(description="Defaults for the `spec` of every resource of a kind."),
    ] = msgspec.field(default_factory=dict)
    policy: Annotated[Policy, Meta(description="Limits for manifests and plans.")] = Policy()


class Project(Spec, frozen=True, kw_only=True, tag="Project", tag_field="kind"):
    """gitrain.yaml: the project's name, workspaces and policy."""

    apiVersion: ApiVersion
    metadata: ProjectMetadata
    spec: ProjectSpec


def project_with(
    types: tuple[type[WorkspaceSpec], ...], default: Mapping[str, WorkspaceSpec]
) -> type[Project]:
    """`Project`, to decode and describe, with these types of workspace.

    `default` has the workspaces of a project that defines none.
    """
    one: Any = functools.reduce(operator.or_, types)
    workspaces = Annotated[
        Mapping[WorkspaceName, one], Meta(description="The workspaces where jobs run.")
    ]
    spec = _with(
        ProjectSpec, "workspaces", workspaces, msgspec.field(default_factory=lambda: default)
    )
    project: type[Project] = _with(Project, "spec", spec, spec())
    return project


def _with(type_: type[Spec], field: str, annotation: Any, default: Any) -> Any:
    """The type with a field of a narrower type, with a default."""
    return msgspec.defstruct(
        type_.__name__,
        [(field, annotation, default)],
        bases=(type_,),
        namespace={"__doc__": type_.__doc__},
        module=type_.__module__,
        frozen=True,
        kw_only=True,
    )
