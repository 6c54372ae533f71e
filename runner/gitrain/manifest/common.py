"""What manifests of every kind have in common."""

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
    """Base of every part of a manifest: frozen, refuses unknown fields, leaves out defaults."""


VariableName = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=255)]
WorkspaceName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)]
FilePath = Annotated[str, Meta(max_length=1024)]
Seconds = Annotated[int, Meta(ge=1, le=315_360_000)]
LabelValue = Annotated[str, Meta(max_length=256)]


class Metadata(Spec, frozen=True, kw_only=True):
    """A resource's name and where it exists; not part of any digest."""

    description: Annotated[str, Meta(description="A short description for people.")] = ""
    labels: Annotated[
        Mapping[Annotated[str, Meta(min_length=1, max_length=128)], LabelValue],
        Meta(description="Arbitrary key: value pairs, for selecting and filtering."),
    ] = msgspec.field(default_factory=dict)
    workspaces: Annotated[
        tuple[WorkspaceName, ...] | None,
        Meta(
            description="The workspaces this resource exists in. Default: all; but a Job exists on "
            "a local workspace only if it is listed here or is the project's only workspace."
        ),
    ] = None
    adopt: Annotated[
        bool,
        Meta(
            description="Take over an existing resource of this name that gitrain did not create."
        ),
    ] = False


class SecretReference(Spec, frozen=True, kw_only=True):
    """A secret, read from the environment of `reconcile` and `run`, and never stored."""

    env: Annotated[
        VariableName, Meta(description="Name of the environment variable with the value.")
    ]


class Value(Spec, frozen=True, kw_only=True):
    """A variable's value by reference, or a literal that is harmless despite its name."""

    env: Annotated[
        VariableName | None, Meta(description="A secret: the environment variable with its value.")
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
    """A resource's name and where it exists; each kind defines which names it allows."""

    name: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$",
            max_length=255,
            description="Unique among resources of its kind.",
        ),
    ]


class Resource(Spec, frozen=True, kw_only=True):
    """What every manifest has; each kind defines its own metadata and spec."""

    apiVersion: ApiVersion
    metadata: Named
    spec: Spec
    overrides: Overrides = msgspec.field(default_factory=dict)


def type_of(kind: str) -> type[Resource]:
    """The type of the manifests of a kind."""
    return cast(type[Resource], found(KINDS[kind].type))
