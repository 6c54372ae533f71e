"""Which documents are Azure ML's, and which of our kinds each one is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

SCHEMA_URL = "https://azuremlschemas.azureedge.net/latest/{}.schema.json"

# By the last part of `$schema`, in lower case.
KIND_OF_SCHEMA = {"commandjob": "Job", "environment": "Environment", "amlcompute": "Cluster"}
SCHEMA_OF_KIND = {"Job": "commandJob", "Environment": "environment", "Cluster": "amlCompute"}

# By `type`, as `folded` makes it.
KIND_OF_TYPE = {"command": "Job", "amlcompute": "Cluster"}
TYPE_OF_KIND = {"Job": "command", "Cluster": "amlcompute"}

# What v1 has no kind for, in words, by the last part of `$schema`.
UNSUPPORTED_SCHEMAS = {
    "computeinstance": "a compute instance",
    "vmcompute": "an attached virtual machine",
    "kubernetescompute": "an attached Kubernetes cluster",
    "synapsesparkcompute": "an attached Spark pool",
    "sweepjob": "a sweep job",
    "pipelinejob": "a pipeline job",
    "parallelcomponent": "a component",
    "commandcomponent": "a component",
    "pipelinecomponent": "a component",
    "sparkjob": "a Spark job",
    "automljob": "an AutoML job",
    "data": "a data asset",
    "model": "a model",
    "schedule": "a schedule",
    "workspace": "a workspace",
    "onlineendpoint": "an endpoint",
    "managedonlineendpoint": "an endpoint",
    "kubernetesonlineendpoint": "an endpoint",
    "batchendpoint": "an endpoint",
    "managedonlinedeployment": "a deployment",
    "kubernetesonlinedeployment": "a deployment",
    "batchdeployment": "a deployment",
    "modelbatchdeployment": "a deployment",
    "pipelinecomponentbatchdeployment": "a deployment",
    "registry": "a registry",
}

# Schemas that leave it to `type` which kind a document is.
_GENERAL_SCHEMAS = ("compute", "job")

# The same by `type`, with keys of which one must be present too: such a word alone says little.
UNSUPPORTED_TYPES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "computeinstance": ("a compute instance", ("name", "size", "schedules")),
    "virtualmachine": ("an attached virtual machine", ("resource_id",)),
    "kubernetes": ("an attached Kubernetes cluster", ("resource_id",)),
    "synapsespark": ("an attached Spark pool", ("resource_id",)),
    "sweep": ("a sweep job", ("trial", "search_space", "sampling_algorithm")),
    "pipeline": ("a pipeline job", ("jobs",)),
    "spark": ("a Spark job", ("entry", "conf")),
    "automl": ("an AutoML job", ("task",)),
    "urifolder": ("a data asset", ("path",)),
    "urifile": ("a data asset", ("path",)),
    "mltable": ("a data asset", ("path",)),
    "custommodel": ("a model", ("path",)),
    "mlflowmodel": ("a model", ("path",)),
    "tritonmodel": ("a model", ("path",)),
}


def folded(value: object) -> str:
    """A word without case and separators: Azure ML reads `LowPriority` and `low_priority` alike."""
    return value.replace("_", "").replace("-", "").lower() if isinstance(value, str) else ""


def is_azureml(value: object) -> bool:
    """Whether a document is in Azure ML's language, supported or not."""
    if not isinstance(value, Mapping) or "apiVersion" in value:
        return False
    return bool(_schema(value) or folded(value.get("type")) in KIND_OF_TYPE or _by_type(value))


def kind_of(value: Mapping[Any, Any]) -> str | None:
    """The kind of an Azure ML document; None if v1 has no such kind."""
    schema = _schema(value)
    if not schema or schema in _GENERAL_SCHEMAS:
        return KIND_OF_TYPE.get(folded(value.get("type")))
    return None if _by_type(value) else KIND_OF_SCHEMA.get(schema)


def unsupported(value: Mapping[Any, Any]) -> str:
    """What an Azure ML document without a kind of ours is, in words."""
    schema = _schema(value)
    named = "" if schema in KIND_OF_SCHEMA else UNSUPPORTED_SCHEMAS.get(schema, "")
    return named or _by_type(value) or "this kind of Azure ML document"


class Lookalike(NamedTuple):
    """What a document without `$schema` and `type` is, by its keys, and what to write in it."""

    what: str
    cure: str


def lookalike(value: object) -> Lookalike | None:
    """Whether a document is Azure ML's in all but the line that says so."""
    if not isinstance(value, Mapping) or {"apiVersion", "kind", "$schema", "type"} & value.keys():
        return None
    if {"command"} < value.keys() and {"environment", "compute", "code"} & value.keys():
        return Lookalike("a command job", "write `type: command` in it")
    if "size" in value and {"max_instances", "min_instances"} & value.keys():
        return Lookalike("a compute cluster", "write `type: amlcompute` in it")
    if "name" in value and {"image", "conda_file", "build"} & value.keys():
        schema = SCHEMA_URL.format(SCHEMA_OF_KIND["Environment"])
        return Lookalike("an environment", f"write `$schema: {schema}` in it")
    return None


def _schema(value: Mapping[Any, Any]) -> str:
    """The last part of an Azure ML `$schema`, in lower case; empty without one."""
    url = value.get("$schema")
    # The host has had many names: azuremlschemas, azuremlschemasprod, azuremlsdk2, azureml.
    if not isinstance(url, str) or "azureml" not in url.lower():
        return ""
    return url.strip().rpartition("/")[2].partition(".")[0].lower() or "?"


def _by_type(value: Mapping[Any, Any]) -> str:
    words, keys = UNSUPPORTED_TYPES.get(folded(value.get("type")), ("", ()))
    return words if any(key in value for key in keys) else ""
