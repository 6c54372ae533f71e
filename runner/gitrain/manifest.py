"""The manifest types: each field declared once, with its meaning, bounds and default.

JSON Schema (`schema`), validation (`load`), digests (`digest`) and help (`explain`) come from these
declarations. Names, meanings and units inside `spec` are those of the Azure ML CLI v2 YAML.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

API_VERSION = "gitrain/v1"
KINDS = ("Cluster", "Environment", "Job")


class Spec(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Base of everything a manifest can say: frozen, unknown fields refused, defaults left out."""


JobName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$",
        max_length=128,
        description="Unique among the jobs: letters, digits, `-` and `_`.",
    ),
]
EnvironmentName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        max_length=200,
        description="Unique among the environments: letters, digits, `-`, `_` and `.`.",
    ),
]
ClusterName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$",
        max_length=32,
        description="Unique among the clusters: letters, digits and `-`, 2 to 32 of them.",
    ),
]
ProjectName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$",
        max_length=40,
        description="Marks what this project owns in a workspace; at most 40 characters.",
    ),
]
VariableName = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=255)]
KindName = Annotated[
    str,
    Meta(pattern=r"^(Cluster|Environment|Job)$", description="One of: Cluster, Environment, Job."),
]
WorkspaceName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]
FilePath = Annotated[str, Meta(max_length=1024)]
Seconds = Annotated[int, Meta(ge=1, le=315_360_000)]
LabelValue = Annotated[str, Meta(max_length=256)]


class Metadata(Spec, frozen=True, kw_only=True):
    """What a resource is called and where it exists; in no digest."""

    description: Annotated[str, Meta(description="A sentence for people.")] = ""
    labels: Annotated[
        Mapping[Annotated[str, Meta(min_length=1, max_length=128)], LabelValue],
        Meta(description="Free key: value pairs to select and filter by."),
    ] = msgspec.field(default_factory=dict)
    workspaces: Annotated[
        tuple[WorkspaceName, ...] | None,
        Meta(
            description="The workspaces this resource exists in. Default: all; a Job without it "
            "does not exist on a local workspace, unless that is the project's only one."
        ),
    ] = None
    adopt: Annotated[
        bool,
        Meta(description="Own a resource of this name that something else made."),
    ] = False


class JobMetadata(Metadata, frozen=True, kw_only=True):
    name: JobName


class EnvironmentMetadata(Metadata, frozen=True, kw_only=True):
    name: EnvironmentName


class ClusterMetadata(Metadata, frozen=True, kw_only=True):
    name: ClusterName


class SecretReference(Spec, frozen=True, kw_only=True):
    """A secret, read from the environment of `reconcile` and `run`, and kept nowhere."""

    env: Annotated[
        VariableName, Meta(description="Name of the environment variable that holds the value.")
    ]


class Value(Spec, frozen=True, kw_only=True):
    """A variable's value by reference, or a literal that is harmless whatever its name."""

    env: Annotated[
        VariableName | None, Meta(description="A secret: the environment variable that holds it.")
    ] = None
    value: Annotated[str | None, Meta(description="A literal value.")] = None


Variables = Mapping[VariableName, str | int | float | bool | Value]


# Cluster ---------------------------------------------------------------------------------------


class ClusterIdentity(Spec, frozen=True, kw_only=True):
    """The managed identity of a cluster's nodes."""

    type: Annotated[
        Literal["system_assigned", "user_assigned"],
        Meta(description="Which kind of managed identity."),
    ]
    user_assigned_identities: Annotated[
        tuple[Annotated[str, Meta(min_length=1)], ...],
        Meta(description="Resource ids of the identities, for `user_assigned`."),
    ] = ()


class NetworkSettings(Spec, frozen=True, kw_only=True):
    """The network a cluster's nodes join."""

    vnet_name: Annotated[str, Meta(description="Name of the virtual network.")] = ""
    subnet: Annotated[str, Meta(description="Name of the subnet, or its full resource id.")] = ""


class SshSettings(Spec, frozen=True, kw_only=True):
    """The administrator's account on a cluster's nodes."""

    admin_username: Annotated[str, Meta(min_length=1, description="Name of the account.")]
    admin_password: Annotated[
        SecretReference | None, Meta(description="Its password: `{env: NAME}`.")
    ] = None
    ssh_key_value: Annotated[
        SecretReference | None, Meta(description="Its public SSH key: `{env: NAME}`.")
    ] = None


class ClusterSpec(Spec, frozen=True, kw_only=True):
    """A pool of machines that scales between two bounds."""

    size: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z][A-Za-z0-9_-]*$",
            description="VM size, such as Standard_NC4as_T4_v3; case is ignored.",
        ),
    ]
    tier: Annotated[
        Literal["dedicated", "low_priority"],
        Meta(description="`low_priority` costs a fraction and can be taken away at any time."),
    ] = "dedicated"
    min_instances: Annotated[
        int, Meta(ge=0, le=65_000, description="Nodes that are kept (and paid) when idle.")
    ] = 0
    max_instances: Annotated[int, Meta(ge=1, le=65_000, description="Most nodes at once.")]
    idle_time_before_scale_down: Annotated[
        int, Meta(ge=1, le=31_536_000, description="Seconds a node may idle before it is released.")
    ] = 120
    location: Annotated[str, Meta(description="Region; default: the workspace's.")] = ""
    identity: Annotated[
        ClusterIdentity | None, Meta(description="Managed identity of the nodes.")
    ] = None
    network_settings: Annotated[
        NetworkSettings | None, Meta(description="Virtual network of the nodes.")
    ] = None
    enable_node_public_ip: Annotated[
        bool, Meta(description="Whether nodes have public addresses.")
    ] = True
    ssh_public_access_enabled: Annotated[
        bool | None, Meta(description="Whether the SSH port is open to the internet.")
    ] = None
    ssh_settings: Annotated[
        SshSettings | None, Meta(description="Administrator's account on the nodes.")
    ] = None


# Environment -----------------------------------------------------------------------------------


class Build(Spec, frozen=True, kw_only=True):
    """A folder that a container image is built from."""

    path: Annotated[FilePath, Meta(min_length=1, description="Folder, relative to the manifest.")]
    dockerfile_path: Annotated[
        FilePath, Meta(min_length=1, description="The Dockerfile, relative to `path`.")
    ] = "Dockerfile"


class RegistryIdentity(Spec, frozen=True, kw_only=True):
    """A managed identity that may pull from a registry."""

    client_id: Annotated[str, Meta(min_length=1, description="Client id of the identity.")]
    resource_id: Annotated[str, Meta(description="Resource id of the identity.")] = ""


class Registry(Spec, frozen=True, kw_only=True):
    """A private container registry."""

    address: Annotated[
        str, Meta(min_length=1, description="Host name, such as myregistry.azurecr.io.")
    ]
    username: Annotated[
        str | SecretReference | None, Meta(description="User name, or `{env: NAME}`.")
    ] = None
    password: Annotated[SecretReference | None, Meta(description="`{env: NAME}`.")] = None
    identity: Annotated[
        RegistryIdentity | None,
        Meta(description="A managed identity instead of user and password."),
    ] = None
    revision: Annotated[
        int,
        Meta(
            ge=1,
            description="Raise it when the password rotates: a new version, no new job digest.",
        ),
    ] = 1


class LocalPython(Spec, frozen=True, kw_only=True):
    """What an environment is on one's own machine."""

    python: Annotated[
        Literal["current"],
        Meta(description="`current`: the interpreter that runs gitrain."),
    ] = "current"


class EnvironmentSpec(Spec, frozen=True, kw_only=True):
    """The software a job runs in."""

    image: Annotated[str, Meta(description="Container image, with its tag or digest.")] = ""
    dockerfile: Annotated[str, Meta(description="Text of a Dockerfile.")] = ""
    build: Annotated[Build | None, Meta(description="Folder to build an image from.")] = None
    conda_file: Annotated[
        FilePath | Mapping[str, Any] | None,
        Meta(
            description="A conda file, or the mapping itself; without it, the image's own Python."
        ),
    ] = None
    requirements_file: Annotated[
        FilePath,
        Meta(description="Installed with pip: into the image; on local, a virtual environment."),
    ] = ""
    environment_variables: Annotated[
        Variables,
        Meta(description="Variables of every run in this environment."),
    ] = msgspec.field(default_factory=dict)
    registry: Annotated[Registry | None, Meta(description="A private registry.")] = None
    local: Annotated[
        LocalPython | None,
        Meta(description="On local, without `requirements_file`: which Python. In no digest."),
    ] = None


# Job -------------------------------------------------------------------------------------------


class Data(Spec, frozen=True, kw_only=True):
    """An input that is a file or a folder."""

    type: Annotated[
        Literal["uri_folder", "uri_file"], Meta(description="Whether it is a folder or a file.")
    ] = "uri_folder"
    path: Annotated[
        FilePath,
        Meta(
            min_length=1,
            description="Where it is: a path, `azureml:NAME:VERSION` or `azureml://…`.",
        ),
    ]
    mode: Annotated[
        Literal["ro_mount", "download"], Meta(description="How the run gets at it.")
    ] = "ro_mount"
    fingerprint: Annotated[
        Literal["none", "content"],
        Meta(description="`content`: the digest depends on what is in it, not on where it is."),
    ] = "none"


class Output(Spec, frozen=True, kw_only=True):
    """A file or folder a job leaves behind."""

    type: Annotated[
        Literal["uri_folder", "uri_file"], Meta(description="Whether it is a folder or a file.")
    ] = "uri_folder"
    mode: Annotated[
        Literal["rw_mount", "upload"], Meta(description="How the run's writes get there.")
    ] = "rw_mount"


class Distribution(Spec, frozen=True, kw_only=True):
    """How many processes a run starts on each node, and how they find each other."""

    type: Annotated[
        Literal["pytorch", "mpi"], Meta(description="Which launcher's variables are set.")
    ]
    process_count_per_instance: Annotated[
        int, Meta(ge=1, le=256, description="Processes on each node.")
    ] = 1


class Resources(Spec, frozen=True, kw_only=True):
    """What a run asks of its compute."""

    instance_count: Annotated[int, Meta(ge=1, le=65_000, description="Nodes.")] = 1
    shm_size: Annotated[
        str, Meta(pattern=r"^[1-9][0-9]*[bkmgBKMG]$", description="Shared memory, such as 2g.")
    ] = "2g"
    docker_args: Annotated[
        str | tuple[str, ...], Meta(description="Further arguments of `docker run`.")
    ] = ""


class Limits(Spec, frozen=True, kw_only=True):
    """When a run is stopped."""

    timeout: Annotated[Seconds | None, Meta(description="Seconds a run may take.")] = None


class JobSpec(Spec, frozen=True, kw_only=True):
    """A command, what it runs on, and how gitrain treats it."""

    experiment_name: Annotated[
        str,
        Meta(
            pattern=r"^$|^[A-Za-z0-9][A-Za-z0-9 _.-]*$",
            max_length=255,
            description="Runs are grouped under it; default: the project's name.",
        ),
    ] = ""
    display_name: Annotated[str, Meta(max_length=255, description="What people see.")] = ""
    code: Annotated[
        FilePath, Meta(description="Folder that the command runs in, relative to the manifest.")
    ] = ""
    command: Annotated[
        str,
        Meta(
            min_length=1,
            description="A shell command; `${{inputs.X}}` and `${{outputs.X}}` are replaced.",
        ),
    ]
    inputs: Annotated[
        Mapping[VariableName, int | float | bool | str | Data],
        Meta(description="Literals, data, or another job's output: `${{jobs.J.outputs.X}}`."),
    ] = msgspec.field(default_factory=dict)
    outputs: Annotated[
        Mapping[VariableName, Output], Meta(description="What the job leaves behind.")
    ] = msgspec.field(default_factory=dict)
    environment: Annotated[
        str | EnvironmentSpec,
        Meta(description="An Environment's name, `azureml:NAME:VERSION`, or a definition inline."),
    ] = ""
    compute: Annotated[str, Meta(description="A Cluster's name, or `azureml:NAME`.")] = ""
    distribution: Annotated[
        Distribution | None, Meta(description="Several processes; default: one.")
    ] = None
    resources: Annotated[Resources, Meta(description="What a run asks of its compute.")] = (
        Resources()
    )
    environment_variables: Annotated[
        Variables,
        Meta(description="Variables of the run; secrets as `{env: NAME}`."),
    ] = msgspec.field(default_factory=dict)
    limits: Annotated[Limits, Meta(description="When a run is stopped.")] = Limits()
    revision: Annotated[int, Meta(ge=1, description="Raise it to say: run it again.")] = 1
    retries: Annotated[
        int,
        Meta(
            ge=0, le=100, description="Submit again while at most this many runs of it have failed."
        ),
    ] = 0
    supersede: Annotated[
        Literal["cancel", "keep"],
        Meta(description="What happens to a live run of an older digest."),
    ] = "cancel"
    suspend: Annotated[bool, Meta(description="Submit nothing; a live run goes on.")] = False
    checkpoints: Annotated[
        bool,
        Meta(
            description="Give the run $GITRAIN_CHECKPOINT_DIR, kept across restarts and attempts, "
            "emptied when a run completes."
        ),
    ] = False
    gates: Annotated[
        tuple[str, ...], Meta(description="Conditions on metrics, such as `accuracy >= 0.95`.")
    ] = ()
    depends_on: Annotated[
        tuple[JobName, ...], Meta(description="Jobs that must be completed first.")
    ] = ()


# Documents -------------------------------------------------------------------------------------

Overrides = Annotated[
    Mapping[WorkspaceName, Mapping[str, Any]],
    Meta(description="Merged into `spec` in that workspace: maps merge, lists replace."),
]
ApiVersion = Annotated[
    Literal["gitrain/v1"], Meta(description="The version of the manifest language.")
]


class Cluster(Spec, frozen=True, kw_only=True, tag="Cluster", tag_field="kind"):
    """A Cluster manifest: compute that is created when it is missing."""

    apiVersion: ApiVersion
    metadata: ClusterMetadata
    spec: ClusterSpec
    overrides: Overrides = msgspec.field(default_factory=dict)


class Environment(Spec, frozen=True, kw_only=True, tag="Environment", tag_field="kind"):
    """An Environment manifest: software whose version is the digest of its definition."""

    apiVersion: ApiVersion
    metadata: EnvironmentMetadata
    spec: EnvironmentSpec
    overrides: Overrides = msgspec.field(default_factory=dict)


class Job(Spec, frozen=True, kw_only=True, tag="Job", tag_field="kind"):
    """A Job manifest: a run of this digest should exist."""

    apiVersion: ApiVersion
    metadata: JobMetadata
    spec: JobSpec
    overrides: Overrides = msgspec.field(default_factory=dict)


Resource = Cluster | Environment | Job


# Project ---------------------------------------------------------------------------------------


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
