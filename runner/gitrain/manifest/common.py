"""What manifests of every kind have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

import msgspec
from msgspec import Meta

from gitrain.kinds import KINDS, found

API_VERSION = "gitrain/v1"


class Spec(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Base of everything a manifest can say: frozen, unknown fields refused, defaults left out."""


VariableName = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=255)]
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
Overrides = Annotated[
    Mapping[WorkspaceName, Mapping[str, Any]],
    Meta(description="Merged into `spec` in that workspace: maps merge, lists replace."),
]
ApiVersion = Annotated[
    Literal["gitrain/v1"], Meta(description="The version of the manifest language.")
]


class Named(Metadata, frozen=True, kw_only=True):
    """What a resource is called and where it exists; a kind says which names it allows."""

    name: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
            max_length=255,
            description="Unique among the resources of its kind.",
        ),
    ]


class Resource(Spec, frozen=True, kw_only=True):
    """What every manifest says; a kind says which metadata and which spec are its own."""

    apiVersion: ApiVersion
    metadata: Named
    spec: Spec
    overrides: Overrides = msgspec.field(default_factory=dict)


def type_of(kind: str) -> type[Resource]:
    """The type of the manifests of a kind."""
    return cast(type[Resource], found(KINDS[kind].type))
