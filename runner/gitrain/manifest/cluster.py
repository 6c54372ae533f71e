"""The Cluster manifest: a pool of machines."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from gitrain.manifest.common import (
    Named,
    Resource,
    SecretReference,
    Spec,
)

ClusterName = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$",
        max_length=32,
        description="Unique among clusters: 2 to 32 letters, digits and `-`.",
    ),
]


class ClusterIdentity(Spec, frozen=True, kw_only=True):
    """The managed identity of a cluster's nodes."""

    type: Annotated[
        Literal["system_assigned", "user_assigned"],
        Meta(description="The type of managed identity."),
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
        Meta(description="`low_priority` costs a fraction, but can be preempted at any time."),
    ] = "dedicated"
    min_instances: Annotated[
        int, Meta(ge=0, le=65_000, description="Nodes to keep (and pay for) when idle.")
    ] = 0
    max_instances: Annotated[int, Meta(ge=1, le=65_000, description="Maximum number of nodes.")]
    idle_time_before_scale_down: Annotated[
        int,
        Meta(ge=1, le=31_536_000, description="Seconds a node may be idle before it is released."),
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


class ClusterMetadata(Named, frozen=True, kw_only=True):
    """Its name and where it exists; not part of any digest."""

    name: ClusterName


class Cluster(Resource, frozen=True, kw_only=True, tag="Cluster", tag_field="kind"):
    """A Cluster manifest: compute that gitrain creates if it does not exist."""

    metadata: ClusterMetadata
    spec: ClusterSpec
