"""Turns the definition of an environment into what Azure ML registers. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

import msgspec

from gitrain.desired import Definition, DesiredEnvironment
from gitrain.expressions import literal
from gitrain.manifest import Registry, SecretReference, Value

# For a definition that names no image. A fixed one: the SDK's own default changes with its version.
DEFAULT_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest"
_DEFAULT_PYTHON = "python=3.11"


class RegistryRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A private registry; user and password are still references."""

    address: str
    username: str | SecretReference | None = None
    password: SecretReference | None = None
    client_id: str = ""
    resource_id: str = ""


class EnvironmentRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One version of an environment in the terms of the SDK.

    Exactly one of `image`, `dockerfile` and `build` (the Dockerfile's path in a folder to upload)
    is set. `layer` is appended to that folder's Dockerfile. Without `conda` the image's own Python
    is used as is.
    """

    name: str
    version: str
    image: str = ""
    dockerfile: str = ""
    build: str = ""
    layer: str = ""
    conda: Mapping[str, Any] | None = None
    variables: Mapping[str, str] = {}
    registry: RegistryRequest | None = None


def environment_request(environment: DesiredEnvironment) -> EnvironmentRequest:
    """What to register. Secret variables are not part of it: each submit passes them to its run."""
    definition = environment.definition
    conda, layer = _software(definition)
    dockerfile = definition.dockerfile
    image = definition.image
    if not (image or dockerfile or definition.build):
        image = DEFAULT_IMAGE
    if layer and image:
        image, dockerfile = "", f"FROM {image}\n"
    return EnvironmentRequest(
        name=environment.name,
        version=environment.version,
        image=image,
        dockerfile=_with_layer(dockerfile, layer) if dockerfile else "",
        build=definition.build.dockerfile_path if definition.build else "",
        layer=layer if definition.build else "",
        conda=conda,
        variables=dict(_plain_variables(definition)),
        registry=_registry(definition.registry) if definition.registry else None,
    )


def secret_variables(definition: Definition | None) -> dict[str, str]:
    """The secret variables of an environment, with the names that they are read from."""
    variables = definition.environment_variables if definition else {}
    return {n: v.env for n, v in variables.items() if isinstance(v, Value) and v.env is not None}


def _plain_variables(definition: Definition) -> dict[str, str]:
    found = {}
    for name, value in definition.environment_variables.items():
        if not isinstance(value, Value):
            found[name] = literal(value)
        elif value.env is None:
            found[name] = value.value or ""
    return found


def _software(definition: Definition) -> tuple[Mapping[str, Any] | None, str]:
    """The conda specification, and the Dockerfile layer: requirements go into one of the two."""
    requirements = _lines(definition.requirements)
    if definition.conda is not None:
        return _with_pip(definition.conda, requirements), ""
    if not (definition.image or definition.dockerfile or definition.build):
        bare = {"name": "gitrain", "dependencies": [_DEFAULT_PYTHON]}
        return _with_pip(bare, requirements), ""
    return None, _layer(requirements)


def _lines(requirements: str) -> list[str]:
    """The requirements, without comments and blank lines, continued lines joined."""
    joined = requirements.replace("\r\n", "\n").replace("\\\n", " ")
    lines = (line.strip() for line in joined.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _layer(requirements: list[str]) -> str:
    if not requirements:
        return ""
    quoted = " ".join(shlex.quote(line) for line in requirements)
    return (
        f"RUN printf '%s\\n' {quoted} > /tmp/requirements.txt"
        " && python -m pip install --no-cache-dir -r /tmp/requirements.txt\n"
    )


def _with_layer(dockerfile: str, layer: str) -> str:
    return f"{dockerfile.rstrip()}\n{layer}" if layer else dockerfile


def append_layer(dockerfile: str, layer: str) -> str:
    """A Dockerfile of a build folder, with the requirements installed at its end."""
    return _with_layer(dockerfile, layer)


def _with_pip(conda: Mapping[str, Any], requirements: list[str]) -> dict[str, Any]:
    """A conda specification whose pip section has these entries at its end."""
    if not requirements:
        return dict(conda)
    dependencies = list(conda.get("dependencies") or ())
    names = [entry for entry in dependencies if isinstance(entry, str)]
    pip = [entry for d in dependencies if isinstance(d, Mapping) for entry in d.get("pip", ())]
    others = [d for d in dependencies if isinstance(d, Mapping) and "pip" not in d]
    if not any(name.split("=")[0].split("<")[0].split(">")[0].strip() == "pip" for name in names):
        names.append("pip")
    return {**conda, "dependencies": [*names, *others, {"pip": [*pip, *requirements]}]}


def _registry(registry: Registry) -> RegistryRequest:
    identity = registry.identity
    return RegistryRequest(
        address=registry.address,
        username=registry.username,
        password=registry.password,
        client_id=identity.client_id if identity else "",
        resource_id=identity.resource_id if identity else "",
    )
