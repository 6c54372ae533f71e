"""Requests of the pure half as objects of azureml-core. Call within `Sdk.workspace`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitrain.errors import WorkspaceError
from gitrain.manifest import SecretReference
from gitrain.secrets import values
from gitrain.workspaces.azureml.environments import EnvironmentRequest, append_layer
from gitrain.workspaces.azureml.v1.configuration import Mount, StartRequest


def environment(request: EnvironmentRequest, workspace: Any, folder: Path | None) -> Any:
    """An Environment to register; `folder` is that of `build`, which may be changed."""
    from azureml.core import Environment

    made = Environment(request.name)
    made.version = request.version
    # A new Environment carries a sample variable.
    made.environment_variables = dict(request.variables)
    made.docker.base_image = None
    if request.build:
        made.docker.build_context = _build_context(request, workspace, folder)
    elif request.dockerfile:
        made.docker.base_dockerfile = request.dockerfile
    else:
        made.docker.base_image = request.image
    _set_python(made, request.conda)
    _set_registry(made.docker.base_image_registry, request)
    return made


def _build_context(request: EnvironmentRequest, workspace: Any, folder: Path | None) -> Any:
    from azureml.core.environment import DockerBuildContext

    assert folder is not None
    dockerfile = folder / request.build
    if not dockerfile.is_file():
        raise WorkspaceError(f"the build folder of {request.name} has no {request.build}")
    if request.layer:
        dockerfile.write_text(append_layer(dockerfile.read_text(), request.layer))
    return DockerBuildContext.from_local_directory(workspace, str(folder), request.build)


def _set_python(made: Any, conda: Mapping[str, Any] | None) -> None:
    from azureml.core.conda_dependencies import CondaDependencies

    if conda is None:
        # Otherwise the SDK installs its own conda environment over the image's Python.
        made.python.user_managed_dependencies = True
        return
    made.python.user_managed_dependencies = False
    made.python.conda_dependencies = CondaDependencies(_underlying_structure=_plain(conda))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def _set_registry(registry: Any, request: EnvironmentRequest) -> None:
    from azureml.core.container_registry import RegistryIdentity

    asked = request.registry
    if asked is None:
        return
    registry.address = asked.address
    named = asked.username
    registry.username = values.read(named.env) if isinstance(named, SecretReference) else named
    registry.password = values.read(asked.password.env) if asked.password else None
    if asked.client_id:
        identity = RegistryIdentity()
        identity.client_id = asked.client_id
        identity.resource_id = asked.resource_id or None
        registry.registry_identity = identity


def run_configuration(
    request: StartRequest, environment: Any, folder: Path, addresses: Mapping[str, str]
) -> Any:
    """The ScriptRunConfig of a run; `addresses` are where its inputs are, assets resolved.

    `environment` is the registered one: of any other definition Azure ML would create a version of
    its own, or run the registered one instead.
    """
    from azureml.core import ScriptRunConfig
    from azureml.core.runconfig import DockerConfiguration

    config = ScriptRunConfig(
        source_directory=str(folder),
        command=request.command,
        compute_target=request.target,
        environment=environment,
        distributed_job_config=_distribution(request),
        docker_runtime_config=DockerConfiguration(
            # Off by default: a custom image would be silently ignored.
            use_docker=True,
            shm_size=request.shm_size,
            arguments=list(request.docker_arguments),
        ),
        max_run_duration_seconds=request.timeout,
    )
    made = config.run_config
    made.node_count = request.nodes
    made.environment_variables = {
        **request.variables,
        **{name: values.read(source) for name, source in request.secrets.items()},
    }
    made.data = {name: _input(name, m, addresses[name]) for name, m in request.inputs.items()}
    made.output_data = {name: _output(mount) for name, mount in request.outputs.items()}
    return config


def _distribution(request: StartRequest) -> Any:
    from azureml.core.runconfig import MpiConfiguration, PyTorchConfiguration

    if request.framework == "pytorch":
        return PyTorchConfiguration(process_count=request.processes, node_count=request.nodes)
    if request.framework == "mpi":
        return MpiConfiguration(process_count_per_node=request.processes, node_count=request.nodes)
    return None


def _input(name: str, mount: Mount, address: str) -> Any:
    from azureml.core.runconfig import Data

    return Data(
        data_location=_location(address, mount.file),
        create_output_directories=False,
        mechanism=mount.mechanism,
        environment_variable_name=f"AZURE_ML_INPUT_{name}",
    )


def _output(mount: Mount) -> Any:
    from azureml.core.runconfig import OutputData

    return OutputData(_location(mount.address, mount.file), mechanism=mount.mechanism)


def _location(address: str, file: bool) -> Any:
    from azureml.core.runconfig import DataLocation, Uri

    return DataLocation(uri=Uri(path=address, is_file=file))
