"""What Azure ML is asked, to the letter. No SDK, no network."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from gitrain.desired import (
    DataPath,
    Definition,
    DesiredCluster,
    DesiredEnvironment,
    EnvironmentUse,
    Text,
    Upstream,
)
from gitrain.errors import Location, WorkspaceError
from gitrain.manifest import (
    Build,
    ClusterIdentity,
    ClusterMetadata,
    ClusterSpec,
    Distribution,
    EnvironmentMetadata,
    JobSpec,
    Limits,
    NetworkSettings,
    Output,
    Registry,
    RegistryIdentity,
    Resources,
    SecretReference,
    SshSettings,
    Value,
)
from gitrain.workspaces.azureml.clusters.answer import cluster_state
from gitrain.workspaces.azureml.clusters.request import Place, creation, identification, scaling
from gitrain.workspaces.azureml.environments import (
    DEFAULT_IMAGE,
    EnvironmentRequest,
    environment_request,
)
from gitrain.workspaces.azureml.v1.configuration import StartRequest, start_request
from tests.runs import a_submission

HERE = Location("jobs/x.yaml")
PLACE = Place("S", "G", "eastus")
SUBNET = "/subscriptions/S/resourceGroups/G/providers/Microsoft.Network/virtualNetworks/v/subnets/s"


def a_cluster(**spec: Any) -> DesiredCluster:
    return DesiredCluster(
        name="gpu",
        metadata=ClusterMetadata(name="gpu", description="d", labels={"team": "vision"}),
        spec=ClusterSpec(**{"size": "Standard_NC6", "max_instances": 4, **spec}),
        location=HERE,
    )


# Clusters -----------------------------------------------------------------------------------------


def test_a_cluster_is_asked_for_with_every_field() -> None:
    cluster = a_cluster(
        tier="low_priority",
        min_instances=1,
        idle_time_before_scale_down=90,
        location="westeurope",
        identity=ClusterIdentity(type="user_assigned", user_assigned_identities=("/id/1",)),
        network_settings=NetworkSettings(vnet_name="v", subnet="s"),
        enable_node_public_ip=False,
        ssh_public_access_enabled=False,
        ssh_settings=SshSettings(admin_username="me", ssh_key_value=SecretReference(env="KEY")),
    )

    assert creation(cluster, "pets", PLACE, {"KEY": "ssh-rsa AAA"}) == {
        "location": "eastus",
        "tags": {"team": "vision", "gitrain_network": "names", "gitrain_project": "pets"},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/id/1": {}}},
        "properties": {
            "computeType": "AmlCompute",
            "description": "d",
            "computeLocation": "westeurope",
            "properties": {
                "vmSize": "Standard_NC6",
                "vmPriority": "lowpriority",
                "scaleSettings": {
                    "minNodeCount": 1,
                    "maxNodeCount": 4,
                    "nodeIdleTimeBeforeScaleDown": "PT90S",
                },
                "remoteLoginPortPublicAccess": "Disabled",
                "enableNodePublicIp": False,
                "subnet": {"id": SUBNET},
                "userAccountCredentials": {
                    "adminUserName": "me",
                    "adminUserSshPublicKey": "ssh-rsa AAA",
                },
            },
        },
    }


def test_the_defaults_are_written_out() -> None:
    """The SDK's own idle time is 15 times ours."""
    inner = creation(a_cluster(), "pets", PLACE, {})["properties"]["properties"]

    assert inner == {
        "vmSize": "Standard_NC6",
        "vmPriority": "dedicated",
        "scaleSettings": {
            "minNodeCount": 0,
            "maxNodeCount": 4,
            "nodeIdleTimeBeforeScaleDown": "PT120S",
        },
        "remoteLoginPortPublicAccess": "NotSpecified",
    }


def test_no_public_address_is_said_without_a_network_too() -> None:
    """The SDK drops it there."""
    body = creation(a_cluster(enable_node_public_ip=False), "pets", PLACE, {})

    assert body["properties"]["properties"]["enableNodePublicIp"] is False


def test_changes_in_place() -> None:
    scale = {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT120S"}
    assert scaling(a_cluster().spec) == {
        "properties": {"computeType": "AmlCompute", "properties": {"scaleSettings": scale}}
    }
    assert identification(ClusterIdentity(type="system_assigned"), "eastus") == {
        "location": "eastus",
        "properties": {},
        "identity": {"type": "SystemAssigned"},
    }


def reported(**inner: Any) -> dict[str, Any]:
    return {
        "id": "/subscriptions/S/resourceGroups/G/providers/x/computes/gpu",
        "name": "gpu",
        "location": "eastus",
        "tags": None,
        "properties": {
            "computeType": "AmlCompute",
            "provisioningState": "Succeeded",
            "properties": inner,
        },
    }


def test_only_what_the_service_says_is_reported() -> None:
    state = cluster_state(
        reported(vmSize="STANDARD_NC6", remoteLoginPortPublicAccess="NotSpecified")
    )

    assert state.reported == {"size", "location", "identity"}
    assert (state.project, state.labels) == ("", {})


def test_a_state_is_read_whatever_the_spelling() -> None:
    state = cluster_state(
        reported(
            vmSize="STANDARD_NC6",
            vmPriority="LowPriority",
            scaleSettings={
                "minNodeCount": 0,
                "maxNodeCount": 2,
                "nodeIdleTimeBeforeScaleDown": "PT2M",
            },
            nodeStateCounts={"runningNodeCount": 2},
            enableNodePublicIp=True,
            remoteLoginPortPublicAccess="Enabled",
        )
    )

    assert (state.spec.tier, state.spec.idle_time_before_scale_down) == ("low_priority", 120)
    assert (state.spec.ssh_public_access_enabled, state.active_runs) == (True, 1)


@pytest.mark.parametrize(
    "network", [NetworkSettings(vnet_name="v", subnet="s"), NetworkSettings(subnet=SUBNET)]
)
def test_a_network_is_reported_in_the_form_that_the_manifest_has(network: NetworkSettings) -> None:
    made = creation(a_cluster(network_settings=network), "pets", PLACE, {})
    body = reported(**made["properties"]["properties"]) | {"tags": made["tags"]}

    state = cluster_state(body)

    assert state.spec.network_settings == network
    assert state.labels == {"team": "vision"}


def test_another_kind_of_compute_is_there_and_no_more() -> None:
    body = reported(vmSize="X")
    body["properties"]["computeType"] = "ComputeInstance"

    state = cluster_state(body)

    assert (state.name, state.reported) == ("gpu", frozenset())


# Environments -------------------------------------------------------------------------------------


def a_request(**definition: Any) -> EnvironmentRequest:
    return environment_request(
        DesiredEnvironment(
            name="env",
            metadata=EnvironmentMetadata(name="env"),
            version="0123456789ab",
            definition=Definition(**definition),
            location=HERE,
        )
    )


PIP = (
    "RUN printf '%s\\n' fastai==2.8.12 'torch>=2' > /tmp/requirements.txt"
    " && python -m pip install --no-cache-dir -r /tmp/requirements.txt\n"
)
REQUIREMENTS = "# ours\nfastai==2.8.12\r\n\ntorch>=2\n"


def test_an_image_is_used_with_its_own_python() -> None:
    made = a_request(image="fastdotai/fastai2:latest")

    assert made == EnvironmentRequest(
        name="env", version="0123456789ab", image="fastdotai/fastai2:latest"
    )
    assert made.conda is None


def test_requirements_become_a_layer_of_the_image() -> None:
    made = a_request(image="i", requirements=REQUIREMENTS)

    assert (made.image, made.dockerfile, made.conda) == ("", f"FROM i\n{PIP}", None)


def test_requirements_become_a_layer_of_the_dockerfile() -> None:
    made = a_request(dockerfile="FROM i\nRUN x", requirements=REQUIREMENTS)

    assert made.dockerfile == f"FROM i\nRUN x\n{PIP}"


def test_requirements_become_a_layer_of_the_build_folder() -> None:
    made = a_request(build=Build(path="p", dockerfile_path="D"), requirements=REQUIREMENTS)

    assert (made.build, made.layer, made.image, made.dockerfile) == ("D", PIP, "", "")


def test_requirements_beside_conda_are_entries_of_its_pip_section() -> None:
    conda = {"name": "c", "dependencies": ["python=3.11", {"pip": ["numpy"]}]}

    made = a_request(image="i", conda=conda, requirements=REQUIREMENTS)

    pip = {"pip": ["numpy", "fastai==2.8.12", "torch>=2"]}
    assert made.conda == {"name": "c", "dependencies": ["python=3.11", "pip", pip]}
    assert (made.image, made.dockerfile) == ("i", "")


def test_requirements_alone_have_a_python_of_a_fixed_version() -> None:
    made = a_request(requirements="x==1\n")

    dependencies = ["python=3.11", "pip", {"pip": ["x==1"]}]
    assert made.conda == {"name": "gitrain", "dependencies": dependencies}
    assert made.image == DEFAULT_IMAGE


def test_a_secret_variable_is_not_registered() -> None:
    made = a_request(
        image="i", environment_variables={"A": "1", "B": Value(env="B"), "C": Value(value="c")}
    )

    assert made.variables == {"A": "1", "C": "c"}


def test_a_registry_stays_a_reference() -> None:
    identity = RegistryIdentity(client_id="c", resource_id="r")
    made = a_request(image="i", registry=Registry(address="a.io", identity=identity))
    assert made.registry
    assert (made.registry.address, made.registry.client_id) == ("a.io", "c")

    password = SecretReference(env="PW")
    made = a_request(image="i", registry=Registry(address="a", username="u", password=password))
    assert made.registry
    assert (made.registry.username, made.registry.password) == ("u", password)


# Runs ---------------------------------------------------------------------------------------------


def a_start(spec: JobSpec, **given: Any) -> StartRequest:
    given = {"environment": EnvironmentUse(name="env", version="v"), **given}
    return start_request(a_submission(spec, **given), "/tmp/gitrain/f")


def test_a_run_is_asked_for_with_every_field() -> None:
    made = a_start(
        JobSpec(
            command="python t.py --n ${{inputs.n}} '${{inputs.d}}' ${{outputs.m}}",
            compute="azureml:gpu",
            experiment_name="e",
            outputs={"m": Output(mode="upload")},
            distribution=Distribution(type="pytorch", process_count_per_instance=4),
            resources=Resources(instance_count=2, shm_size="8g", docker_args="--cap-add 'A B'"),
            environment_variables={"OUT": "${{outputs.m}}", "N": 0.001, "KEY": Value(env="K")},
            limits=Limits(timeout=60),
        ),
        inputs={
            "n": Text("8"),
            "d": DataPath(type="uri_file", path="azureml:pets:1", mode="download"),
        },
    )

    assert made.command == (
        "mkdir -p /tmp/gitrain/f/inputs /tmp/gitrain/f/outputs\n"
        'ln -sn "${AZURE_ML_INPUT_d:-DatasetConsumptionConfig:d}" /tmp/gitrain/f/inputs/d'
        " 2>/dev/null || :\n"
        'ln -sn "${AZURE_ML_OUTPUT_m:-DatasetOutputConfig:m}" /tmp/gitrain/f/outputs/m'
        " 2>/dev/null || :\n"
        "python t.py --n 8 '/tmp/gitrain/f/inputs/d' /tmp/gitrain/f/outputs/m"
    )
    assert (made.target, made.environment, made.experiment) == ("gpu", ("env", "v"), "e")
    # PyTorch is told the total, 4 on each of 2 nodes.
    assert (made.framework, made.processes, made.nodes) == ("pytorch", 8, 2)
    assert (made.shm_size, made.docker_arguments, made.timeout) == ("8g", ("--cap-add", "A B"), 60)
    assert (made.inputs["d"].address, made.inputs["d"].mechanism) == ("azureml:pets:1", "download")
    assert made.inputs["d"].file
    assert made.outputs["m"].address == (
        "azureml://datastores/workspaceblobstore/paths/gitrain/pets-train-0123456789ab-1/m"
    )
    assert made.outputs["m"].mechanism == "upload"
    assert made.secrets == {"KEY": "K"}
    shown = {n: v for n, v in made.variables.items() if n != "GITRAIN_RECORD"}
    assert shown == {
        "OUT": "/tmp/gitrain/f/outputs/m",
        "N": "0.001",
        "GITRAIN_RUN_ID": "pets-train-0123456789ab-1",
        "GITRAIN_JOB": "train",
    }


def test_mpi_is_told_the_processes_of_a_node() -> None:
    distribution = Distribution(type="mpi", process_count_per_instance=4)
    spec = JobSpec(
        command="x", compute="c", distribution=distribution, resources=Resources(instance_count=2)
    )

    made = a_start(spec)

    assert (made.framework, made.processes, made.nodes) == ("mpi", 4, 2)


def test_a_plain_command_stays_as_it_is() -> None:
    assert a_start(JobSpec(command="echo 'a  b' | wc", compute="c")).command == "echo 'a  b' | wc"


def test_an_upstream_is_where_its_run_put_it_or_where_an_adopted_one_left_it() -> None:
    edge = Upstream(job="a", output="m", run_id="pets-a-0123456789ab-1")
    made = a_start(JobSpec(command="x", compute="c"), inputs={"x": edge})
    assert made.inputs["x"].address.endswith("/paths/gitrain/pets-a-0123456789ab-1/m")

    adopted = Upstream(job="a", output="m", run_id="r", path="azureml://datastores/d/paths/p")
    made = a_start(JobSpec(command="x", compute="c"), inputs={"x": adopted})
    assert made.inputs["x"].address == "azureml://datastores/d/paths/p"


def test_the_secrets_of_an_environment_come_with_the_run() -> None:
    definition = Definition(
        image="i", environment_variables={"A": Value(env="X"), "B": Value(env="Y")}
    )
    use = EnvironmentUse(name="env", version="v", definition=definition)
    spec = JobSpec(command="x", compute="c", environment_variables={"B": "ours"})

    made = a_start(spec, environment=use)

    assert (made.secrets, made.variables["B"]) == ({"A": "X"}, "ours")


@pytest.mark.parametrize("lacking", ["compute", "environment"])
def test_what_azure_ml_needs_is_named(lacking: str) -> None:
    spec = JobSpec(command="x", compute="" if lacking == "compute" else "c")
    given = {"environment": None} if lacking == "environment" else {}

    with pytest.raises(WorkspaceError, match=lacking):
        a_start(spec, **given)


def test_the_pure_half_knows_no_sdk() -> None:
    import subprocess

    code = (
        "import sys\n"
        "from gitrain.workspaces.azureml import environments, workspace\n"
        "from gitrain.workspaces.azureml.clusters import answer, request\n"
        "from gitrain.workspaces.azureml.outputs import series\n"
        "from gitrain.workspaces.azureml.runs import answer, phases, record\n"
        "from gitrain.workspaces.azureml.v1 import configuration\n"
        "print([m for m in sys.modules if m.partition('.')[0] in ('azureml', 'azure', 'msrest')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
