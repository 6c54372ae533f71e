"""Identity: canonical JSON of what a job computes and of what an environment is, and its sha256.

Canonical means that values have their declared types, keys are sorted, and fields equal to their
defaults are left out, so that a new field in a release changes no digest. `tests/digests-v1.json`
freezes the format.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from gitrain.desired import Definition, Input, Text, Upstream
from gitrain.expressions import literal
from gitrain.identity import DIGITS
from gitrain.manifest import Data, JobSpec, Output, Resources, Value

# The values that canonical JSON leaves out, by path.
DEFAULTS: Mapping[str, Any] = {
    "revision": JobSpec(command="-").revision,
    "instance_count": Resources().instance_count,
    "resources.shm_size": Resources().shm_size,
}


def canonical_json(value: Any) -> bytes:
    """The canonical text of a value: sorted keys, no spaces, shortest numbers."""
    return msgspec.json.encode(value, order="deterministic")


def digest(value: Any) -> str:
    """First 12 hex digits of the sha256 of the canonical JSON."""
    return hashlib.sha256(canonical_json(value)).hexdigest()[:DIGITS]


def canonical_environment(definition: Definition) -> dict[str, Any]:
    """The value whose digest is an environment's version.

    Texts get Unix line ends, so that a checkout on Windows gives the same environment. The build
    folder counts by its tree, not by its path.
    """
    build = definition.build and {
        "tree": definition.build_tree,
        **_without(
            {"dockerfile_path": definition.build.dockerfile_path}, dockerfile_path="Dockerfile"
        ),
    }
    return _without_empty(
        {
            "image": definition.image,
            "dockerfile": _unix(definition.dockerfile),
            "build": build,
            "conda": definition.conda,
            "requirements": _unix(definition.requirements),
            "environment_variables": canonical_variables(definition.environment_variables),
            "registry": msgspec.to_builtins(definition.registry),
        }
    )


def environment_version(definition: Definition) -> str:
    """The version under which this definition is registered."""
    return digest(canonical_environment(definition))


def environment_digest(definition: Definition) -> str:
    """The part of an environment in a job's digest: all but the revision of a password."""
    canonical = canonical_environment(definition)
    if "registry" in canonical:
        canonical["registry"] = _without(
            canonical["registry"], revision=canonical["registry"].get("revision")
        )
    return digest(canonical)


def canonical_variables(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Variables as strings; a secret as its reference, never as its value."""
    return {name: _variable(value) for name, value in variables.items()}


def _variable(value: str | int | float | bool | Value) -> Any:
    if isinstance(value, Value):
        return {"env": value.env} if value.env is not None else value.value
    return literal(value)


def canonical_input(
    declared: Any, resolved: Input, upstream_digests: Mapping[str, str], content: str
) -> Any:
    """A literal by its text, data by its content or path, a job's output by the digest of that
    job."""
    if isinstance(resolved, Text):
        return resolved.text
    if isinstance(resolved, Upstream):
        edge = {"job": upstream_digests[resolved.job], "output": resolved.output}
        return edge | _without({"mode": resolved.mode}, mode="ro_mount")
    assert isinstance(declared, Data)
    place = {"content": content} if content else {"path": resolved.path}
    return place | _without(
        {"type": declared.type, "mode": declared.mode}, type="uri_folder", mode="ro_mount"
    )


def canonical_job(
    spec: JobSpec, inputs: Mapping[str, Any], code: str, environment: str
) -> dict[str, Any]:
    """What a job computes, without its placement and treatment (retries, gates, …).

    `code` is a git tree id, `environment` a digest or `azureml:NAME:VERSION`; both may be empty.
    """
    return _without_empty(
        {
            "command": spec.command,
            "inputs": dict(inputs),
            "outputs": {name: _output(output) for name, output in spec.outputs.items()},
            "environment_variables": canonical_variables(spec.environment_variables),
            "distribution": spec.distribution and msgspec.to_builtins(spec.distribution),
            "instance_count": None
            if spec.resources.instance_count == Resources().instance_count
            else spec.resources.instance_count,
            "revision": None if spec.revision == 1 else spec.revision,
            "code": code,
            "environment": environment,
        }
    )


def _output(output: Output) -> Any:
    return msgspec.to_builtins(output)


def canonical_placement(spec: JobSpec, experiment: str) -> dict[str, Any]:
    """Where and under which limits a job computes: flat, by field path, without defaults."""
    arguments = spec.resources.docker_args
    return _without_empty(
        {
            "compute": spec.compute,
            "limits.timeout": spec.limits.timeout,
            "resources.shm_size": ""
            if spec.resources.shm_size == Resources().shm_size
            else spec.resources.shm_size,
            "resources.docker_args": arguments if isinstance(arguments, str) else list(arguments),
            "experiment_name": experiment,
            "checkpoints": spec.checkpoints or None,
        }
    )


def _without(values: Mapping[str, Any], **defaults: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in values.items()
        if name not in defaults or value != defaults[name]
    }


def _without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", {}, [])}


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n")
