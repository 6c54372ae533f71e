"""The types of workspace: what gitrain.yaml says about one, what opens it, and how it behaves.

There is one row per type, and everything else asks the row. A new type needs a spec, a row in
`TYPES`, a folder below `workspaces`, and a line in the contract suite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum, StrEnum
from functools import cache
from typing import Annotated

import msgspec
from msgspec import Meta

from gitrain.catalog import gpus_of
from gitrain.manifest import EnvironmentSpec, FilePath, JobSpec, Project, Resources, WorkspaceSpec
from gitrain.manifest.project import HOME, project_with


class Verdict(StrEnum):
    """What a type of workspace does with a field of a manifest."""

    HONOURED = "used"
    REPLACED = "replaced"
    IGNORED = "ignored"
    REFUSED = "refused"


class Treatment(msgspec.Struct, frozen=True):
    """What happens to a field, and how, in a few words; `str` gives both."""

    verdict: Verdict
    how: str = ""

    def __str__(self) -> str:
        if self.verdict is Verdict.REPLACED:
            return self.how
        return f"{self.verdict.value}: {self.how}" if self.how else self.verdict.value


class Environments(Enum):
    """What a workspace does with an environment that a manifest describes."""

    REGISTERED = "a resource: each version is registered before the first job that needs it"
    BUILT = "not a resource: each run installs it in a virtual environment on its machine"


class DataPaths(Enum):
    """What the path of an input's data may be."""

    FILES = "a path in the file system, which gitrain and the run both see"
    REFERENCES = "a reference to something in the workspace (`gitrain.assets`)"


class WorkspaceType(msgspec.Struct, frozen=True, kw_only=True):
    """A type of workspace.

    `spec` is the type of its part of gitrain.yaml; its tag is the type's name. `module` provides
    `open_workspace`, and is imported when a workspace is opened.

    `clusters`: whether clusters are resources, one of which each job names in `compute`: that of a
    manifest or, with `azureml:NAME`, an existing one. If not, `compute` is ignored in either form.
    `gpus` returns the number of GPUs in a node of a size (None if unknown), for GPU-hours; without
    it GPUs are not counted.

    `asks`: whether `reconcile` asks on a terminal before it changes anything. `clean`: the default
    of `protect.clean`. `limits_submits`: whether the policy's `max_submits` applies. `every_job`:
    whether a Job that lists no workspaces exists there, in a project that has other workspaces too.

    `fields` says what happens to a field, as `Kind.spec.field`, and to its parts; fields that it
    does not name are used. Nothing is dropped silently.
    """

    spec: type[WorkspaceSpec]
    module: str
    clusters: bool
    environments: Environments
    data: DataPaths
    asks: bool
    clean: bool
    limits_submits: bool
    every_job: bool
    gpus: Callable[[str], int | None] | None = None
    fields: Mapping[str, Treatment] = {}

    @property
    def name(self) -> str:
        """The value of `type` in gitrain.yaml."""
        return str(self.spec.__struct_config__.tag)

    def treatment(self, field: str) -> Treatment:
        """What happens to `Kind.spec.field`, or to the field that it is a part of."""
        while field:
            if field in self.fields:
                return self.fields[field]
            field = field.rpartition(".")[0]
        return Treatment(Verdict.HONOURED)

    def ignored(self, specs: Iterable[JobSpec | EnvironmentSpec]) -> tuple[str, ...]:
        """The fields in any of these specs that are ignored there, sorted."""
        found = {field for spec in specs for field in _fields_set(spec)}
        ignored = (f for f in found if self.treatment(f).verdict is Verdict.IGNORED)
        return tuple(sorted({field.partition(".spec.")[2] for field in ignored}))

    @property
    def elsewhere(self) -> str:
        """The problem code for what exists only in workspaces of another type."""
        return f"not-on-{self.name}"

    def refused(self, spec: JobSpec | EnvironmentSpec) -> Iterator[tuple[str, str]]:
        """The fields below `spec` that are refused there, and why."""
        for field in _fields_set(spec):
            treated = self.treatment(field)
            if treated.verdict is Verdict.REFUSED:
                yield field.partition(".spec.")[2], treated.how


def _fields_set(spec: JobSpec | EnvironmentSpec) -> Iterator[str]:
    """The fields of a spec that differ from their defaults, as `Kind.spec.field`."""
    kind = type(spec).__name__.removesuffix("Spec")
    for name in spec.__struct_fields__:
        value = getattr(spec, name)
        if isinstance(value, Resources):
            default = Resources()
            for part in value.__struct_fields__:
                if getattr(value, part) != getattr(default, part):
                    yield f"{kind}.spec.resources.{part}"
        elif value not in ("", None, {}, ()):
            yield f"{kind}.spec.{name}"


# Your own machine -------------------------------------------------------------------------------

ShellVariable = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\*?$", max_length=128),
]


class LocalWorkspace(WorkspaceSpec, frozen=True, kw_only=True, tag="local", tag_field="type"):
    """Your own machine."""

    path: Annotated[FilePath, Meta(description="Folder for runs, relative to the project.")] = HOME
    slots: Annotated[int, Meta(ge=1, le=1024, description="Most runs at the same time.")] = 1
    environment: Annotated[
        tuple[ShellVariable, ...],
        Meta(
            description="Variables of your shell that every run gets as well: names, or the start "
            "of names and a `*`. None whose name is that of a secret: a job names those itself."
        ),
    ] = ()

    @property
    def home(self) -> str:
        return self.path


_NO_CONTAINER = Treatment(Verdict.IGNORED, "local runs have no container")
_NO_CLUSTER = Treatment(Verdict.IGNORED, "clusters are not resources on local")

LOCAL = WorkspaceType(
    spec=LocalWorkspace,
    module="gitrain.workspaces.local.workspace",
    clusters=False,
    environments=Environments.BUILT,
    data=DataPaths.FILES,
    asks=False,
    clean=False,
    limits_submits=False,
    every_job=False,
    fields={
        "Cluster.spec": _NO_CLUSTER,
        "Environment.spec.image": _NO_CONTAINER,
        "Environment.spec.dockerfile": _NO_CONTAINER,
        "Environment.spec.build": _NO_CONTAINER,
        "Environment.spec.conda_file": Treatment(
            Verdict.IGNORED, "write `requirements_file` as well"
        ),
        "Environment.spec.registry": _NO_CONTAINER,
        "Environment.spec.requirements_file": Treatment(Verdict.HONOURED, "a virtual environment"),
        "Job.spec.compute": _NO_CLUSTER,
        "Job.spec.inputs.mode": Treatment(Verdict.REPLACED, "the path itself is used"),
        "Job.spec.outputs.mode": Treatment(Verdict.REPLACED, "a folder of the run is used"),
        "Job.spec.resources.shm_size": _NO_CONTAINER,
        "Job.spec.resources.docker_args": _NO_CONTAINER,
    },
)


# Azure Machine Learning --------------------------------------------------------------------------


class AzuremlWorkspace(WorkspaceSpec, frozen=True, kw_only=True, tag="azureml", tag_field="type"):
    """An Azure Machine Learning workspace."""

    config: Annotated[str, Meta(description="Its config.json, relative to the project.")] = ""
    subscription_id: Annotated[str, Meta(description="Subscription, instead of `config`.")] = ""
    resource_group: Annotated[str, Meta(description="Resource group, instead of `config`.")] = ""
    workspace_name: Annotated[str, Meta(description="Name in Azure, instead of `config`.")] = ""


AZUREML = WorkspaceType(
    spec=AzuremlWorkspace,
    module="gitrain.workspaces.azureml.workspace",
    clusters=True,
    environments=Environments.REGISTERED,
    data=DataPaths.REFERENCES,
    asks=True,
    clean=True,
    limits_submits=True,
    every_job=True,
    gpus=gpus_of,
    fields={
        "Environment.spec.local": Treatment(Verdict.IGNORED, "only for local"),
        "Job.spec.inputs.fingerprint": Treatment(
            Verdict.REFUSED, "`content`: the data are not on this machine"
        ),
        "Environment.spec.requirements_file": Treatment(
            Verdict.HONOURED, "installed into the image"
        ),
    },
)


# The table ---------------------------------------------------------------------------------------

TYPES = {row.name: row for row in (LOCAL, AZUREML)}


def workspace_type(spec: WorkspaceSpec) -> WorkspaceType:
    """The row for a workspace in gitrain.yaml."""
    return TYPES[str(spec.__struct_config__.tag)]


def project_type() -> type[Project]:
    """`Project`, for reading gitrain.yaml: each workspace is of one of the types in the table."""
    return _project_type(tuple(row.spec for row in TYPES.values()))


@cache
def _project_type(specs: tuple[type[WorkspaceSpec], ...]) -> type[Project]:
    return project_with(specs, {LOCAL.name: LocalWorkspace()})
