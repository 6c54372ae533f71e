"""How the fields of Azure ML's documents are translated, by kind. Others are kept as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitrain.azureml_yaml.rules import (
    asset,
    build,
    compute,
    environment,
    identity,
    job_input,
    job_output,
    linux,
    local_only,
    own_version,
    refused,
    resource_id,
    secret,
    spelled,
    unsaid,
    without_type,
)
from gitrain.azureml_yaml.walk import Field, Table

_NO_PROPERTIES = refused("remove it, or write them under `tags`")
_ASSETS = ("mltable", "custom_model", "mlflow_model", "triton_model")

DEFINITION: Table = {
    "conda_file": Field(local_only("write the path of a file, or its content")),
    "build": Field(build),
    "os_type": Field(linux),
    "inference_config": Field(refused("remove it: gitrain trains models, it does not serve them")),
    "datastore": Field(refused("remove it")),
    "auto_delete_setting": Field(refused("remove it")),
    "properties": Field(_NO_PROPERTIES),
}

# An inline environment has no name or version of its own, in Azure ML as in gitrain.
INLINE: Table = {
    **DEFINITION,
    **{key: Field(unsaid) for key in ("$schema", "name", "version", "description", "tags")},
}

INPUT: Table = {
    "type": Field(
        spelled("uri_folder", "uri_file", lacking=_ASSETS, cure="use `uri_folder` or `uri_file`")
    ),
    "path": Field(asset),
    "mode": Field(
        spelled(
            *("ro_mount", "download"),
            lacking=("direct", "eval_mount", "eval_download"),
            cure="use `ro_mount` or `download`",
        )
    ),
    "path_on_compute": Field(refused("remove it: the command gets the path as `${{inputs.X}}`")),
    "datastore": Field(refused("remove it, and write an `azureml://datastores/…` path")),
}

OUTPUT: Table = {
    "type": Field(
        spelled("uri_folder", "uri_file", lacking=_ASSETS, cure="use `uri_folder` or `uri_file`")
    ),
    "mode": Field(
        spelled(
            *("rw_mount", "upload"),
            same={"mount": "rw_mount"},
            lacking=("direct",),
            cure="use `rw_mount` or `upload`",
        )
    ),
    "path": Field(
        refused("remove it: the workspace chooses the location, `gitrain outputs` shows it")
    ),
    "name": Field(refused("remove it: outputs are not registered as data assets")),
    "version": Field(refused("remove it: outputs are not registered as data assets")),
}

JOB: Table = {
    "properties": Field(_NO_PROPERTIES),
    "services": Field(refused("remove it: `gitrain logs -f` follows a run")),
    "identity": Field(refused("remove it: runs use the identity of their cluster")),
    "queue_settings": Field(refused("remove it; `tier` of the cluster selects low priority")),
    "parent_job_name": Field(refused("remove it; use `depends_on` in a gitrain manifest")),
    "code": Field(local_only("write the path of a folder in this repository")),
    "environment": Field(environment, INLINE),
    "compute": Field(compute),
    "inputs": Field(parts={"*": Field(job_input, INPUT)}),
    "outputs": Field(parts={"*": Field(job_output, OUTPUT)}),
    "distribution": Field(
        without_type("tensorflow", "ray", cure="use `type: pytorch` or `type: mpi`"),
        {"type": Field(spelled("pytorch", "mpi"))},
    ),
    "resources": Field(
        parts={
            "locations": Field(refused("remove it: a cluster has one location")),
            "instance_type": Field(refused("remove it, and name a cluster of that size")),
            "max_instance_count": Field(refused("remove it, and write `instance_count`")),
            "properties": Field(refused("remove it")),
        }
    ),
}

ENVIRONMENT: Table = {**DEFINITION, "version": Field(own_version)}

CLUSTER: Table = {
    "properties": Field(_NO_PROPERTIES),
    "resource_id": Field(refused("remove it: gitrain creates clusters, it does not attach them")),
    "tier": Field(spelled("dedicated", "low_priority")),
    "identity": Field(
        identity,
        {
            "type": Field(spelled("system_assigned", "user_assigned")),
            "user_assigned_identities": Field(parts={"*": Field(resource_id)}),
        },
    ),
    "ssh_settings": Field(
        parts={
            "admin_password": Field(secret("ADMIN_PASSWORD")),
            "ssh_key_value": Field(secret("SSH_KEY")),
        }
    ),
}

TABLES: Mapping[str, Table] = {"Job": JOB, "Environment": ENVIRONMENT, "Cluster": CLUSTER}

# Defaults of Azure ML for fields that our schema requires.
DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "Cluster": {"size": "Standard_DS3_v2", "max_instances": 4},
}
