"""Fields and values that Azure ML's CLI v2 has but `gitrain/v1` lacks, by their type.

The message for them says that they are not supported yet, rather than unknown.
"""

from __future__ import annotations

from collections.abc import Mapping

_ASSETS = ("mltable", "custom_model", "mlflow_model", "triton_model")
_SWEEP = ("trial", "search_space", "sampling_algorithm", "objective", "early_termination")
_LABELS = "write them under `metadata.labels`"
_METADATA = "it belongs in `metadata`"
_KIND = "`kind` says what the manifest describes"
_PATH = "did you mean `path`?"
_NONE = ""

FIELDS: Mapping[str, Mapping[str, str]] = {
    "JobSpec": {
        **dict.fromkeys(("services", "identity", "queue_settings", "parent_job_name"), _NONE),
        **dict.fromkeys((*_SWEEP, "jobs", "settings", "component", "schedule"), _NONE),
        "tags": _LABELS,
        "properties": _LABELS,
    },
    "Data": dict.fromkeys(("path_on_compute", "datastore", "name", "version"), _NONE),
    "Output": dict.fromkeys(("path", "name", "version", "path_on_compute"), _NONE),
    "Resources": dict.fromkeys(
        ("locations", "instance_type", "max_instance_count", "properties"), _NONE
    ),
    "Limits": dict.fromkeys(("max_total_trials", "max_concurrent_trials", "trial_timeout"), _NONE),
    "Distribution": dict.fromkeys(
        (
            *("worker_count", "parameter_server_count", "port", "address"),
            *("include_dashboard", "dashboard_port"),
            *("head_node_additional_args", "worker_node_additional_args"),
        ),
        _NONE,
    ),
    "EnvironmentSpec": {
        **dict.fromkeys(("os_type", "inference_config", "datastore"), _NONE),
        **dict.fromkeys(("auto_delete_setting", "properties"), _NONE),
        "version": "the version is the digest of the definition",
        "tags": _LABELS,
    },
    "ClusterSpec": {"resource_id": _NONE, "tags": _LABELS, "properties": _LABELS},
}

# Not fields of the CLI v2 either, but often written in `spec` by mistake.
MISPLACED: Mapping[str, Mapping[str, str]] = {
    title: {"name": _METADATA, "description": _METADATA, "labels": _METADATA, "type": _KIND}
    for title in ("JobSpec", "EnvironmentSpec", "ClusterSpec")
} | {
    "Data": dict.fromkeys(("folder", "file", "dir", "directory", "location", "uri", "url"), _PATH)
    | {"optional": "remove it: every input of a job has a value"}
}

VALUES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("Distribution", "type"): ("tensorflow", "ray"),
    ("Data", "type"): _ASSETS,
    ("Data", "mode"): ("direct", "eval_mount", "eval_download"),
    ("Output", "type"): _ASSETS,
    ("Output", "mode"): ("direct", "mount"),
    ("ClusterIdentity", "type"): ("system_assigned,user_assigned", "none"),
}
