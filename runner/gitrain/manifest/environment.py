"""The Environment manifest: the software a job runs in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gitrain.manifest.common import (
    FilePath,
    Named,
    Resource,
    SecretReference,
    Spec,
    Variables,
)

EnvironmentName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        max_length=200,
        description="Unique among environments: letters, digits, `-`, `_` and `.`.",
    ),
]


class Build(Spec, frozen=True, kw_only=True):
    """A folder that a container image is built from."""

    path: Annotated[FilePath, Meta(min_length=1, description="Folder, relative to the manifest.")]
    dockerfile_path: Annotated[
        FilePath, Meta(min_length=1, description="The Dockerfile, relative to `path`.")
    ] = "Dockerfile"


class RegistryIdentity(Spec, frozen=True, kw_only=True):
    """A managed identity with permission to pull from a registry."""

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
        Meta(description="A managed identity, instead of user name and password."),
    ] = None
    revision: Annotated[
        int,
        Meta(
            ge=1,
            description="Raise it after a password change: a new version, the same job digests.",
        ),
    ] = 1


class LocalPython(Spec, frozen=True, kw_only=True):
    """What an environment is on your own machine."""

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
            description="A conda file, or its content; without it, the image's own Python is used."
        ),
    ] = None
    requirements_file: Annotated[
        FilePath,
        Meta(
            description="Installed with pip into the image; on local, into a virtual environment."
        ),
    ] = ""
    environment_variables: Annotated[
        Variables,
        Meta(description="Variables for every run in this environment."),
    ] = msgspec.field(default_factory=dict)
    registry: Annotated[Registry | None, Meta(description="A private registry.")] = None
    local: Annotated[
        LocalPython | None,
        Meta(description="On local, without `requirements_file`: which Python. Not in digests."),
    ] = None


class EnvironmentMetadata(Named, frozen=True, kw_only=True):
    """Its name and where it exists; not part of any digest."""

    name: EnvironmentName


class Environment(Resource, frozen=True, kw_only=True, tag="Environment", tag_field="kind"):
    """An Environment manifest: software whose version is the digest of its definition."""

    metadata: EnvironmentMetadata
    spec: EnvironmentSpec
