"""A resource → an Azure ML document, and a note for everything that Azure ML cannot express."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from gitrain import assets
from gitrain.assets import is_reference, to_cluster
from gitrain.azureml_yaml.kinds import SCHEMA_OF_KIND, SCHEMA_URL, TYPE_OF_KIND
from gitrain.document import Document
from gitrain.errors import UsageError
from gitrain.expressions import whole
from gitrain.manifest import ClusterSpec, Environment, EnvironmentSpec, JobSpec

Body = dict[str, Any]
Environments = Mapping[str, Document]

_ORDER = (
    *("$schema", "type", "name", "display_name", "experiment_name", "description", "tags"),
    *("code", "command", "inputs", "outputs", "environment", "environment_variables"),
    *("image", "conda_file", "build", "compute", "distribution", "resources", "limits"),
    *("size", "tier", "min_instances", "max_instances", "idle_time_before_scale_down", "location"),
    *("identity", "network_settings", "enable_node_public_ip"),
    *("ssh_public_access_enabled", "ssh_settings"),
)
_NOT_IN_AZUREML = "Azure ML has no such field"
_NEW_DIGEST = f"{_NOT_IN_AZUREML}, and without it the digest is different"
_MOVED = "moved to the job's own variables, which changes the digest"
_EMPTY: tuple[object, ...] = ("", None, {}, [], ())
_NO_REFERENCES = "Azure ML has no references to variables; only gitrain reads this back"

# What v1 has and Azure ML lacks, and the consequence.
_JOB_ONLY = {
    "revision": _NEW_DIGEST,
    "retries": _NOT_IN_AZUREML,
    "supersede": _NOT_IN_AZUREML,
    "suspend": _NOT_IN_AZUREML,
    "checkpoints": _NOT_IN_AZUREML,
    "gates": _NOT_IN_AZUREML,
    "depends_on": _NOT_IN_AZUREML,
}
_ENVIRONMENT_ONLY = {
    "dockerfile": _NEW_DIGEST,
    "requirements_file": _NEW_DIGEST,
    "registry": _NEW_DIGEST,
    "local": _NOT_IN_AZUREML,
}


def write(
    document: Document, environments: Mapping[str, Document] = {}
) -> tuple[str, tuple[str, ...]]:
    """The text of an Azure ML document for a resource, and notes on what it cannot express.

    `environments` are the manifests, by name, that a job may refer to: their definitions are
    written inline. Paths are relative to the folder of `document`. When read again, the text gives
    the same resource, except for what the notes name. Raises UsageError for a kind that Azure ML's
    YAML lacks.
    """
    from gitrain.azureml_yaml.text import as_yaml  # ruamel.yaml: only this command writes YAML

    if document.kind not in _SPECS:
        raise UsageError(f"Azure ML's YAML has no {document.kind}: use -o text or json")
    notes: list[str] = []
    spec = _SPECS[document.kind](document, environments, notes)
    metadata = document.resource.metadata
    kind = TYPE_OF_KIND.get(document.kind)
    head = {"$schema": SCHEMA_URL.format(SCHEMA_OF_KIND[document.kind]), "name": document.name}
    head |= {"type": kind} if kind else {}
    head |= {"description": metadata.description} if metadata.description else {}
    tags = {"tags": dict(metadata.labels)} if metadata.labels else {}
    if metadata.workspaces is not None:
        notes.append(f"workspaces: {_NOT_IN_AZUREML}")
    if metadata.adopt:
        notes.append(f"adopt: {_NOT_IN_AZUREML}")
    if document.resource.overrides:
        notes.append(f"overrides: {_NOT_IN_AZUREML}; the values are those of one workspace")
    body = {**head, **tags, **spec}
    return as_yaml({key: body[key] for key in _in_order(body)}), tuple(notes)


def _in_order(keys: Iterable[str]) -> list[str]:
    return sorted(keys, key=lambda key: _ORDER.index(key) if key in _ORDER else len(_ORDER))


def _cluster(document: Document, _environments: Environments, notes: list[str]) -> Body:
    spec = document.resource.spec
    assert isinstance(spec, ClusterSpec)
    body: Body = msgspec.to_builtins(spec)
    # Written out, so that readers need not know whose default applies.
    body |= {"tier": spec.tier, "min_instances": spec.min_instances}
    body["idle_time_before_scale_down"] = spec.idle_time_before_scale_down
    if spec.identity and spec.identity.user_assigned_identities:
        wrapped = [{"resource_id": each} for each in spec.identity.user_assigned_identities]
        body["identity"]["user_assigned_identities"] = wrapped
    for key, value in body.get("ssh_settings", {}).items():
        if isinstance(value, dict):
            notes.append(f"ssh_settings.{key}: {_NO_REFERENCES}")
    return body


def _environment(document: Document, _environments: Environments, notes: list[str]) -> Body:
    spec = document.resource.spec
    assert isinstance(spec, EnvironmentSpec)
    body = _definition(spec, str, notes, "")
    _leave_out(body, {"environment_variables": _NEW_DIGEST}, notes)
    return body


def _definition(
    spec: EnvironmentSpec, placed: Callable[[str], str], notes: list[str], prefix: str
) -> Body:
    """An environment's definition; `placed` makes its paths relative to the new document."""
    body: Body = msgspec.to_builtins(spec)
    _leave_out(body, _ENVIRONMENT_ONLY, notes, prefix)
    if spec.conda_file and isinstance(spec.conda_file, str):
        body["conda_file"] = placed(spec.conda_file)
    if spec.build:
        body["build"]["path"] = placed(spec.build.path)
    return {key: value for key, value in body.items() if value not in _EMPTY}


def _leave_out(body: Body, lacking: Mapping[str, str], notes: list[str], prefix: str = "") -> None:
    """Remove what Azure ML lacks. A body has only what was set, no defaults."""
    left_out = [key for key in lacking if key in body]
    notes += [f"{prefix}{key}: {lacking[key]}" for key in left_out]
    for key in left_out:
        del body[key]


def _job(document: Document, environments: Environments, notes: list[str]) -> Body:
    spec = document.resource.spec
    assert isinstance(spec, JobSpec)
    body: Body = msgspec.to_builtins(spec)
    _leave_out(body, _JOB_ONLY, notes)
    body["inputs"] = {name: _input(name, item, notes) for name, item in _of(body, "inputs")}
    body["outputs"] = {n: {"type": "uri_folder"} | item for n, item in _of(body, "outputs")}
    body["environment"] = _definition_of(document, spec, environments, notes)
    body["environment_variables"] = _variables(body, notes)
    if body["environment"] in _EMPTY:
        notes.append("environment: Azure ML requires one, but this job has none")
    if spec.compute and not is_reference(spec.compute):
        body["compute"] = to_cluster(spec.compute)
    if spec.distribution:
        body["distribution"] = msgspec.structs.asdict(spec.distribution)
    return {key: value for key, value in body.items() if value not in _EMPTY}


def _variables(body: Body, notes: list[str]) -> Body:
    """A job's variables, with those of its inline environment, which has none in Azure ML."""
    inherited: Body = {}
    if isinstance(body["environment"], dict):
        inherited = body["environment"].pop("environment_variables", {})
    if inherited:
        notes.append(f"environment.environment_variables: {_MOVED}")
    variables: Body = inherited | body.get("environment_variables", {})
    referring = [name for name, value in variables.items() if isinstance(value, dict)]
    notes += [f"environment_variables.{name}: {_NO_REFERENCES}" for name in referring]
    return variables


def _of(body: Body, key: str) -> list[tuple[str, Any]]:
    return list(body.get(key, {}).items())


def _input(name: str, item: Any, notes: list[str]) -> Any:
    place = item["path"] if isinstance(item, dict) else item
    if (expression := whole(place)) and expression.scope == "jobs":
        notes.append(f"inputs.{name}: Azure ML passes outputs on only in pipelines; left as it is")
    if not isinstance(item, dict):
        return item
    if item.pop("fingerprint", "none") != "none":
        notes.append(f"inputs.{name}.fingerprint: {_NEW_DIGEST}")
    return {"type": "uri_folder"} | item


def _definition_of(
    document: Document, spec: JobSpec, environments: Environments, notes: list[str]
) -> str | Body:
    """A job's environment, inline unless it exists in Azure ML."""
    if not isinstance(spec.environment, str):
        return _definition(spec.environment, str, notes, "environment.")
    ours = assets.named(spec.environment, environments)
    if not ours:
        return spec.environment
    named = environments[ours]
    assert isinstance(named.resource, Environment)
    folder = posixpath.dirname(document.file)
    here = folder == posixpath.dirname(named.file)
    return _definition(
        named.resource.spec,
        str if here else lambda path: _relative(named.path(path), folder),
        notes,
        "environment.",
    )


def _relative(path: str, folder: str) -> str:
    """A path of the project as seen from one of its folders.

    Not `posixpath.relpath`, which asks for the working directory.
    """
    if path.startswith("/"):
        return path
    there, here = ([] if place in ("", ".") else place.split("/") for place in (path, folder))
    shared = len(posixpath.commonprefix([there, here]))
    return "/".join([".."] * (len(here) - shared) + there[shared:]) or "."


_SPECS: Mapping[str, Callable[[Document, Environments, list[str]], Body]] = {
    "Cluster": _cluster,
    "Environment": _environment,
    "Job": _job,
}
