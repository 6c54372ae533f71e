"""The Job manifest: a command, what it runs on, and how gitrain treats it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gitrain.manifest.common import (
    FilePath,
    Named,
    Resource,
    Seconds,
    Spec,
    VariableName,
    Variables,
)
from gitrain.manifest.environment import EnvironmentSpec

JobName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$",
        max_length=128,
        description="Unique among jobs: letters, digits, `-` and `_`.",
    ),
]


class Data(Spec, frozen=True, kw_only=True):
    """An input that is a file or a folder."""

    type: Annotated[
        Literal["uri_folder", "uri_file"], Meta(description="Whether it is a folder or a file.")
    ] = "uri_folder"
    path: Annotated[
        FilePath,
        Meta(
            min_length=1,
            description="Its location: a path, `azureml:NAME:VERSION` or `azureml://…`.",
        ),
    ]
    mode: Annotated[
        Literal["ro_mount", "download"], Meta(description="How the run accesses it.")
    ] = "ro_mount"
    fingerprint: Annotated[
        Literal["none", "content"],
        Meta(description="`content`: the digest depends on its content, not on its location."),
    ] = "none"


class Output(Spec, frozen=True, kw_only=True):
    """A file or folder that a job produces."""

    type: Annotated[
        Literal["uri_folder", "uri_file"], Meta(description="Whether it is a folder or a file.")
    ] = "uri_folder"
    mode: Annotated[
        Literal["rw_mount", "upload"], Meta(description="How the run writes to it.")
    ] = "rw_mount"


class Distribution(Spec, frozen=True, kw_only=True):
    """How many processes a run starts on each node, and how they find each other."""

    type: Annotated[
        Literal["pytorch", "mpi"], Meta(description="The launcher whose variables are set.")
    ]
    process_count_per_instance: Annotated[
        int, Meta(ge=1, le=256, description="Processes per node.")
    ] = 1


class Resources(Spec, frozen=True, kw_only=True):
    """What a run needs from its compute."""

    instance_count: Annotated[int, Meta(ge=1, le=65_000, description="Nodes.")] = 1
    shm_size: Annotated[
        str, Meta(pattern=r"^[1-9][0-9]*[bkmgBKMG]$", description="Shared memory, such as 2g.")
    ] = "2g"
    docker_args: Annotated[
        str | tuple[str, ...], Meta(description="Additional arguments for `docker run`.")
    ] = ""


class Limits(Spec, frozen=True, kw_only=True):
    """When a run is stopped."""

    timeout: Annotated[Seconds | None, Meta(description="Most seconds a run may take.")] = None


class JobSpec(Spec, frozen=True, kw_only=True):
    """A command, what it runs on, and how gitrain treats it."""

    experiment_name: Annotated[
        str,
        Meta(
            pattern=r"^$|^[A-Za-z0-9][A-Za-z0-9 _.-]*$",
            max_length=255,
            description="Groups runs; default: the project's name.",
        ),
    ] = ""
    display_name: Annotated[str, Meta(max_length=255, description="The name that people see.")] = ""
    code: Annotated[
        FilePath, Meta(description="Folder in which the command runs, relative to the manifest.")
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
        Mapping[VariableName, Output], Meta(description="What the job produces.")
    ] = msgspec.field(default_factory=dict)
    environment: Annotated[
        str | EnvironmentSpec,
        Meta(description="An Environment's name, `azureml:NAME:VERSION`, or an inline definition."),
    ] = ""
    compute: Annotated[str, Meta(description="A Cluster's name, or `azureml:NAME`.")] = ""
    distribution: Annotated[
        Distribution | None, Meta(description="Runs several processes; default: one.")
    ] = None
    resources: Annotated[Resources, Meta(description="What a run needs from its compute.")] = (
        Resources()
    )
    environment_variables: Annotated[
        Variables,
        Meta(description="Variables for the run; secrets as `{env: NAME}`."),
    ] = msgspec.field(default_factory=dict)
    limits: Annotated[Limits, Meta(description="When a run is stopped.")] = Limits()
    revision: Annotated[int, Meta(ge=1, description="Raise it to run the job again.")] = 1
    retries: Annotated[
        int,
        Meta(ge=0, le=100, description="How many times to resubmit a run that has failed."),
    ] = 0
    supersede: Annotated[
        Literal["cancel", "keep"],
        Meta(description="What happens to a live run of an older digest."),
    ] = "cancel"
    suspend: Annotated[bool, Meta(description="Submit no new runs; a live run continues.")] = False
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
        tuple[JobName, ...], Meta(description="Jobs that must complete first.")
    ] = ()


class JobMetadata(Named, frozen=True, kw_only=True):
    """Its name and where it exists; not part of any digest."""

    name: JobName


class Job(Resource, frozen=True, kw_only=True, tag="Job", tag_field="kind"):
    """A Job manifest: a run with its digest should exist."""

    metadata: JobMetadata
    spec: JobSpec
