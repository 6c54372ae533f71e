"""The environment variables that a job finds, as far as code is known to read them."""

import os
import time
from pathlib import Path
from typing import Any

from . import client
from .service import Service
from .state import Run


def common(
    service: Service, run: Run, configuration: dict[str, Any], folder: Path
) -> dict[str, str]:
    """What every process of a job gets, whatever its rank."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    search = [str(Path(service.switches.python).parent), "/usr/local/bin:/usr/bin:/bin"]
    found = {
        "PATH": ":".join(search),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
    }
    if "TMPDIR" in os.environ:
        found["TMPDIR"] = os.environ["TMPDIR"]
    found |= _asked_for(service, configuration)
    return found | client.trust(service) | _history(service, run) | _mlflow(service, run)


def _asked_for(service: Service, configuration: dict[str, Any]) -> dict[str, str]:
    """The environment's variables, the registered version's if there is one, then the run's."""
    sent = configuration.get("environment") or {}
    versions = service.state.environments.get(sent.get("name") or "", {})
    definition = versions.get(sent.get("version") or "", sent)
    asked = {
        **(definition.get("environmentVariables") or {}),
        **(configuration.get("environmentVariables") or {}),
    }
    return {name: str(value) for name, value in asked.items()}


def _history(service: Service, run: Run) -> dict[str, str]:
    place = service.place
    return {
        "AZUREML_RUN_ID": run.id,
        "AZUREML_ROOT_RUN_ID": run.dto["rootRunId"],
        "AZUREML_RUN_TOKEN": service.tokens.mint(30 * 86400, job=run.id),
        "AZUREML_RUN_TOKEN_EXPIRY": str(int(time.time() + 30 * 86400)),
        "AZUREML_SERVICE_ENDPOINT": place.services,
        "AZUREML_DISCOVERY_SERVICE_ENDPOINT": f"{place.services}/discovery",
        "AZUREML_ARM_SUBSCRIPTION": place.subscription,
        "AZUREML_ARM_RESOURCEGROUP": place.group,
        "AZUREML_ARM_WORKSPACE_NAME": place.workspace,
        "AZUREML_ARM_PROJECT_NAME": run.experiment,
        "AZUREML_WORKSPACE_ID": place.workspace_id,
        "AZUREML_WORKSPACE_SCOPE": place.scope,
        "AZUREML_EXPERIMENT_ID": run.dto["experimentId"],
        "AZUREML_EXPERIMENT_SCOPE": f"{place.scope}/experiments/{run.experiment}",
        "AZUREML_CURRENT_CLOUD": "AzureCloud",
    }


def _mlflow(service: Service, run: Run) -> dict[str, str]:
    place = service.place
    path = f"/mlflow/v2.0{place.scope}"
    azureml = f"azureml://{place.services.split('://')[1]}{path}"
    return {
        "MLFLOW_TRACKING_URI": azureml
        if service.switches.mlflow == "azureml"
        else place.address + path,
        "MLFLOW_TRACKING_TOKEN": service.tokens.mint(30 * 86400, job=run.id),
        "MLFLOW_EXPERIMENT_ID": run.dto["experimentId"],
        "MLFLOW_EXPERIMENT_NAME": run.experiment,
        "MLFLOW_RUN_ID": run.id,
    }


def distribution(configuration: dict[str, Any], port: int) -> list[tuple[int, dict[str, str]]]:
    """For each process of the job: its node, and the variables that tell it its place."""
    nodes = configuration.get("nodeCount") or 1
    framework = (configuration.get("framework") or "").lower()
    communicator = (configuration.get("communicator") or "").lower()
    master = {
        "AZUREML_NODE_COUNT": str(nodes),
        "AZ_BATCH_MASTER_NODE": f"127.0.0.1:{port}",
        "AZ_BATCHAI_MPI_MASTER_NODE": "127.0.0.1",
    }
    if "mpi" in communicator:
        local = (configuration.get("mpi") or {}).get("processCountPerNode") or 1
        return [
            (rank // local, master | _mpi(rank, local, nodes * local))
            for rank in range(nodes * local)
        ]
    if framework == "pytorch":
        total = (configuration.get("pytorch") or {}).get("processCount") or nodes
        local = max(1, total // nodes)
        return [
            (min(rank // local, nodes - 1), master | _pytorch(rank, local, total, port))
            for rank in range(total)
        ]
    return [(node, master) for node in range(nodes)]


def _mpi(rank: int, local: int, total: int) -> dict[str, str]:
    return {
        "OMPI_COMM_WORLD_RANK": str(rank),
        "OMPI_COMM_WORLD_SIZE": str(total),
        "OMPI_COMM_WORLD_LOCAL_RANK": str(rank % local),
        "OMPI_COMM_WORLD_LOCAL_SIZE": str(local),
    }


def _pytorch(rank: int, local: int, total: int, port: int) -> dict[str, str]:
    return {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "WORLD_SIZE": str(total),
        "RANK": str(rank),
        "NODE_RANK": str(rank // local),
        "LOCAL_RANK": str(rank % local),
        "LOCAL_WORLD_SIZE": str(local),
    }
