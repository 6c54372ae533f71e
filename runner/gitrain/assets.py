"""References to what a workspace already has, in Azure ML's spelling. Pure.

`azureml:NAME` is a cluster, `azureml:NAME:VERSION` an environment or data, `azureml://…` an
address. This module only knows the spelling; `workspace_types` defines what they mean in each type
of workspace.
"""

from __future__ import annotations

import re
from collections.abc import Container

import msgspec

CLUSTER = "azureml:NAME"
ASSET = "azureml:NAME:VERSION"
DATASTORE = "azureml://datastores/D/paths/P"
"""The form of each reference, for messages."""

_PREFIX = "azureml:"
_CLUSTER = re.compile(r"azureml:[A-Za-z][A-Za-z0-9-]{0,31}")
_ASSET = re.compile(r"azureml:[^:@/\s]+:[^:@/\s]+")
_WITHOUT_VERSION = re.compile(r"azureml:[^:@/\s]+(:|@\S*)?")
_ENVIRONMENT = re.compile(r"azureml:(?P<name>[^:@/\s]+)(?::(?P<version>[^:@/\s]+)|:|@latest)?")
# A digest; a version of digits alone could as well be a date.
_OUR_VERSION = re.compile(r"(?=[0-9]*[a-f])[0-9a-f]{12}")
_DATASTORE = re.compile(r"azureml://datastores/[A-Za-z0-9_]+/paths/\S*")


class Asset(msgspec.Struct, frozen=True):
    """One version of an environment or of data; `str` gives the reference."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{_PREFIX}{self.name}:{self.version}"


def is_reference(text: str) -> bool:
    """Whether a string refers to something in the workspace, well-formed or not."""
    return text.startswith(_PREFIX)


def is_remote(path: str) -> bool:
    """Whether a data path is an address or an asset, rather than a path in the file system."""
    return "://" in path or is_reference(path)


def foreign_scheme(path: str) -> str:
    """The scheme of any other address, such as `https` of `https://…`; else empty."""
    return path.partition("://")[0] if "://" in path and not is_reference(path) else ""


def is_address(reference: str) -> bool:
    """Whether a reference gives a location rather than a name."""
    return reference.startswith(f"{_PREFIX}//")


def is_in_registry(reference: str) -> bool:
    """Whether a reference points out of the workspace, to a shared registry."""
    return reference.startswith(f"{_PREFIX}//registries/")


def is_in_datastore(reference: str) -> bool:
    """Whether an address is a path in one of the workspace's datastores."""
    return _DATASTORE.fullmatch(reference) is not None


def parse(reference: str) -> Asset | None:
    """The asset that `azureml:NAME:VERSION` names; None if it has any other form."""
    if not _ASSET.fullmatch(reference):
        return None
    return Asset(*reference.removeprefix(_PREFIX).split(":"))


def named(reference: str, manifests: Container[str]) -> str:
    """Which of these manifests' environments is meant: by its name, or as Azure ML refers to it.

    Azure ML's own YAML gives `azureml:NAME:VERSION` also to what a file beside it defines. A
    version that gitrain itself has made is not the manifest's: it stays pinned. Empty if none.
    """
    match = _ENVIRONMENT.fullmatch(reference)
    name = match["name"] if match else reference
    pinned = match is not None and _OUR_VERSION.fullmatch(match["version"] or "") is not None
    return name if name in manifests and not pinned else ""


def lacks_version(reference: str) -> bool:
    """Whether it names an asset without a version, or with a label that moves (`@latest`)."""
    return _WITHOUT_VERSION.fullmatch(reference) is not None


def names_cluster(compute: str) -> bool:
    """Whether a job's compute is a well-formed reference to an existing cluster."""
    return _CLUSTER.fullmatch(compute) is not None


def to_cluster(name: str) -> str:
    """The reference to an existing cluster."""
    return f"{_PREFIX}{name}"


def cluster_of(compute: str) -> str:
    """The name of the cluster that a job's compute names, a manifest's or an existing one."""
    return compute.removeprefix(_PREFIX)
