"""What a client does with the SDK. Runs in the worker; arguments and results are JSON."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import requests
from azureml.core import Environment, Experiment, Run, ScriptRunConfig
from azureml.core.compute import AmlCompute, ComputeTarget
from azureml.core.environment import DockerBuildContext
from azureml.core.runconfig import (
    Data,
    DataLocation,
    DataPath,
    DataReferenceConfiguration,
    MpiConfiguration,
    OutputData,
    PyTorchConfiguration,
)

from .connecting import by_assertion, by_secret, open_workspace, workspace


def connect() -> str:
    workspace.cache_clear()
    return workspace().name


def connect_by_assertion() -> str:
    return open_workspace(by_assertion()).name


def connect_with_secret(secret: str) -> str:
    return open_workspace(by_secret(secret)).name


def ask(url: str) -> int:
    return requests.get(url, timeout=10).status_code


def create_cluster(name: str, wait: bool = True, **given: Any) -> str:
    given = {"vm_size": "Standard_DS3_v2", "max_nodes": 2} | given
    configuration = AmlCompute.provisioning_configuration(**given)
    cluster = ComputeTarget.create(workspace(), name, configuration)
    if wait:
        cluster.wait_for_completion()
    return cluster.provisioning_state


def cluster(name: str) -> dict[str, Any]:
    one = workspace().compute_targets[name]
    scale = one.scale_settings
    return {
        "state": one.provisioning_state,
        "status": one.status.serialize() if one.status else None,
        "size": one.vm_size,
        "priority": one.vm_priority,
        "tags": one.tags,
        "nodes": [scale.minimum_node_count, scale.maximum_node_count],
        "idle": scale.idle_seconds_before_scaledown,
        "identity": one.identity_type,
    }


def clusters() -> list[str]:
    return sorted(workspace().compute_targets)


def update_cluster(name: str, most: int) -> None:
    AmlCompute(workspace(), name).update(max_nodes=most)


def patch_cluster_tags(name: str, tags: dict[str, str]) -> int:
    ws = workspace()
    target = AmlCompute(ws, name)
    url = f"{ws._auth._cloud_type.endpoints.resource_manager.rstrip('/')}{target.id}"
    header = ws._auth.get_authentication_header()
    body = {"tags": tags}
    asked = {"api-version": "2020-02-02"}
    return requests.patch(url, params=asked, json=body, headers=header, timeout=10).status_code


def delete_cluster(name: str) -> None:
    AmlCompute(workspace(), name).delete()


def sizes() -> list[int]:
    ws = workspace()
    return [len(AmlCompute.supported_vmsizes(ws)), len(AmlCompute.list_usages(ws))]


def _environment(name: str, image: str = "ubuntu:24.04", version: str | None = None) -> Environment:
    made = Environment(name)
    made.python.user_managed_dependencies = True
    made.docker.base_image = image
    made.environment_variables = {"GREETING": "hello"}
    made.version = version
    return made


def register(name: str, image: str = "ubuntu:24.04", version: str | None = None) -> str:
    return _environment(name, image, version).register(workspace()).version


def register_folder(name: str, files: dict[str, str]) -> str:
    """Register an environment whose image is built from a folder."""
    folder = Path(tempfile.mkdtemp(dir=os.environ["HOME"]))
    for path, text in files.items():
        (folder / path).write_text(text)
    made = _environment(name)
    made.docker.base_image = None
    made.docker.build_context = DockerBuildContext.from_local_directory(workspace(), str(folder))
    return made.register(workspace()).docker.build_context.location


def environments() -> dict[str, str]:
    return {name: one.version for name, one in Environment.list(workspace()).items()}


def environment(name: str) -> dict[str, Any]:
    one = Environment.get(workspace(), name)
    return {"version": one.version, "image": one.docker.base_image}


def submit(
    run_id: str,
    command: str = "true",
    files: dict[str, str] | None = None,
    experiment: str = "pets",
    **given: Any,
) -> str:
    """Submit a command with a folder of these files; the new run's id."""
    folder = Path(tempfile.mkdtemp(dir=os.environ["HOME"]))
    for name, text in {"main.txt": run_id, **(files or {})}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    configuration = ScriptRunConfig(
        str(folder),
        command=command,
        compute_target=given.pop("cluster", "cpu"),
        environment=_environment(given.pop("environment", "plain")),
        distributed_job_config=_distribution(given.pop("distribution", None)),
        max_run_duration_seconds=given.pop("seconds", None),
    )
    _bind(configuration.run_config, given)
    run = Experiment(workspace(), experiment).submit(
        configuration, run_id=run_id, tags=given.get("tags")
    )
    return run.id


def _distribution(words: dict[str, int] | None) -> Any:
    if not words:
        return None
    kind = MpiConfiguration if "process_count_per_node" in words else PyTorchConfiguration
    return kind(**words)


def _bind(configuration: Any, given: dict[str, Any]) -> None:
    def location(path: str) -> DataLocation:
        return DataLocation(
            data_path=DataPath(datastore_name="workspaceblobstore", relative_path=path)
        )

    for name, path in given.get("inputs", {}).items():
        configuration.data[name] = Data(
            location(path), mechanism="mount", environment_variable_name=name
        )
    for name, path in given.get("outputs", {}).items():
        configuration.output_data[name] = OutputData(location(path), mechanism="mount")
    for name, path in given.get("references", {}).items():
        configuration.data_references[name] = DataReferenceConfiguration(
            "workspaceblobstore", "mount", path
        )


def run(run_id: str) -> dict[str, Any]:
    one = Run.get(workspace(), run_id)
    return {
        "kind": type(one).__name__,
        "status": one.get_status(),
        "tags": one.get_tags(),
        "properties": one.get_properties(),
        "experiment": one.experiment.name,
    }


def details(run_id: str) -> dict[str, Any]:
    found = Run.get(workspace(), run_id).get_details_with_logs()
    return {"logs": found["logFiles"], "error": found.get("error"), "command": _command(found)}


def _command(found: dict[str, Any]) -> str:
    return json.loads(json.dumps(found["runDefinition"]))["command"]


def runs(experiment: str = "pets", **given: Any) -> list[str]:
    return [one.id for one in Experiment(workspace(), experiment).get_runs(**given)]


def tag(run_id: str, tags: dict[str, str], remove: list[str] = ()) -> dict[str, str]:
    one = Run.get(workspace(), run_id)
    one.set_tags(tags)
    if remove:
        one.remove_tags(list(remove))
    return Run.get(workspace(), run_id).get_tags()


def add_properties(run_id: str, properties: dict[str, str]) -> None:
    Run.get(workspace(), run_id).add_properties(properties)


def cancel(run_id: str) -> None:
    Run.get(workspace(), run_id).cancel()


def metrics(run_id: str) -> dict[str, Any]:
    return Run.get(workspace(), run_id).get_metrics()


def files(run_id: str) -> list[str]:
    return Run.get(workspace(), run_id).get_file_names()


def download(run_id: str, name: str) -> str:
    path = Path(tempfile.mkdtemp(dir=os.environ["HOME"])) / "file"
    Run.get(workspace(), run_id).download_file(name, str(path))
    return path.read_text()


def upload(run_id: str, name: str, text: str) -> None:
    path = Path(tempfile.mkdtemp(dir=os.environ["HOME"])) / "file"
    path.write_text(text)
    Run.get(workspace(), run_id).upload_file(name, str(path))


def interactive(experiment: str) -> str:
    """A run that is not a job, with a child; both end well."""
    one = Experiment(workspace(), experiment).start_logging(outputs=None, snapshot_directory=None)
    one.log("loss", 0.5)
    child = one.child_run(name="part")
    child.complete()
    one.complete()
    assert [each.id for each in one.get_children()] == [child.id]
    return one.id


def datastores() -> dict[str, str]:
    found = workspace().datastores
    return {name: type(one).__name__ for name, one in found.items()}


def list_blobs(prefix: str) -> list[str]:
    store = workspace().get_default_datastore()
    container = store.blob_service.get_container_client(store.container_name)
    return sorted(blob.name for blob in container.list_blobs(name_starts_with=prefix))
