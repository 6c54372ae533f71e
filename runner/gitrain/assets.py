"""References to what a workspace has already, spelled as Azure ML spells them. Pure.

`azureml:NAME` is a cluster, `azureml:NAME:VERSION` an environment or data, `azureml://…` an
address. Only the spelling is here: what they mean in a type of workspace, `workspace_types` says.
"""

from __future__ import annotations

import re

import msgspec

CLUSTER = "azureml:NAME"
ASSET = "azureml:NAME:VERSION"
DATASTORE = "azureml://datastores/D/paths/P"
"""How each is written, for messages."""

_PREFIX = "azureml:"
_CLUSTER = re.compile(r"azureml:[A-Za-z][A-Za-z0-9-]{0,31}")
_ASSET = re.compile(r"azureml:[^:@/\s]+:[^:@/\s]+")
_WITHOUT_VERSION = re.compile(r"azureml:[^:@/\s]+(:|@\S*)?")
_DATASTORE = re.compile(r"azureml://datastores/[A-Za-z0-9_]+/paths/\S*")


class Asset(msgspec.Struct, frozen=True):
    """One version of an environment or of data; its text is the reference."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{_PREFIX}{self.name}:{self.version}"


def is_reference(text: str) -> bool:
    """Whether a text means something in the workspace, well written or not."""
    return text.startswith(_PREFIX)


def is_remote(path: str) -> bool:
    """Whether a data path is an address or an asset, rather than a place in the file system."""
    return "://" in path or is_reference(path)


def foreign_scheme(path: str) -> str:
    """The scheme of an address that is not one of these: `https` of `https://…`; else empty."""
    return path.partition("://")[0] if "://" in path and not is_reference(path) else ""


def is_address(reference: str) -> bool:
    """Whether a reference says where something is, rather than what it is called."""
    return reference.startswith(f"{_PREFIX}//")


def is_in_registry(reference: str) -> bool:
    """Whether a reference leads out of the workspace, into a registry that many share."""
    return reference.startswith(f"{_PREFIX}//registries/")


def is_in_datastore(reference: str) -> bool:
    """Whether an address is a path in one of the workspace's datastores."""
    return _DATASTORE.fullmatch(reference) is not None


def parse(reference: str) -> Asset | None:
    """The asset that `azureml:NAME:VERSION` names; None when it is written in another way."""
    if not _ASSET.fullmatch(reference):
        return None
    return Asset(*reference.removeprefix(_PREFIX).split(":"))


def lacks_version(reference: str) -> bool:
    """Whether it names an asset, but no version of it, or a label that moves (`@latest`)."""
    return _WITHOUT_VERSION.fullmatch(reference) is not None


def names_cluster(compute: str) -> bool:
    """Whether a job's compute is a well written reference to a cluster that exists."""
    return _CLUSTER.fullmatch(compute) is not None


def to_cluster(name: str) -> str:
    """The reference to a cluster that exists."""
    return f"{_PREFIX}{name}"


def cluster_of(compute: str) -> str:
    """The name of the cluster that a job's compute means, a manifest's or an existing one."""
    return compute.removeprefix(_PREFIX)
