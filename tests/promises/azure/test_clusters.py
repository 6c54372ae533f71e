"""What happens to clusters: made, changed, replaced, deleted, and left alone."""

from __future__ import annotations

import pytest

from tests.doubles.azure.emulator import Emulator
from tests.promises.azure.azure import CLUSTER, write_resources
from tests.promises.command_line.project import Project


@pytest.fixture
def cluster(project: Project, emulator: Emulator) -> Project:
    """A project of one cluster, which is made."""
    emulator.switches.set(execution="instant")
    project.manifest("jobs/cpu.yaml", "Cluster", "cpu", CLUSTER)
    project.reconcile()
    return project


def scale(emulator: Emulator) -> tuple[int, int]:
    settings = emulator.state.computes["cpu"]["properties"]["properties"]["scaleSettings"]
    return settings["minNodeCount"], settings["maxNodeCount"]


def test_scale_settings_change_in_place(cluster: Project, emulator: Emulator) -> None:
    made = emulator.state.computes["cpu"]["properties"]["createdOn"]
    cluster.manifest("jobs/cpu.yaml", "Cluster", "cpu", CLUSTER | {"max_instances": 2})

    row = cluster.row("cpu")
    cluster.reconcile()

    assert row["action"] == "update"
    assert scale(emulator) == (0, 2)
    assert emulator.state.computes["cpu"]["properties"]["createdOn"] == made
    cluster.assert_settled()


def test_another_size_needs_replace(cluster: Project, emulator: Emulator) -> None:
    cluster.manifest("jobs/cpu.yaml", "Cluster", "cpu", CLUSTER | {"size": "Standard_DS12_v2"})
    cluster.reconcile(code=5)
    size = emulator.state.computes["cpu"]["properties"]["properties"]["vmSize"]
    assert size.upper() == "STANDARD_DS3_V2"

    cluster.reconcile("--replace")

    size = emulator.state.computes["cpu"]["properties"]["properties"]["vmSize"]
    assert size.upper() == "STANDARD_DS12_V2"
    cluster.assert_settled()


def test_prune_deletes_what_is_ours_alone(cluster: Project, emulator: Emulator) -> None:
    emulator.add_cluster("theirs")
    cluster.root.joinpath("jobs/cpu.yaml").unlink()
    cluster.manifest("jobs/env.yaml", "Environment", "env", {"image": "python:3.11"})

    cluster.reconcile()
    assert emulator.state.computes.keys() == {"cpu", "theirs"}

    cluster.reconcile("--prune")
    assert emulator.state.computes.keys() == {"theirs"}


def test_a_foreign_cluster_is_used_as_it_is(project: Project, emulator: Emulator) -> None:
    emulator.switches.set(execution="instant")
    emulator.add_cluster("cpu", most=1)
    before = repr(emulator.state.computes["cpu"])
    write_resources(project, jobs=1)

    plan = project.gitrain("plan").out
    project.reconcile()

    assert "max_instances" in plan
    assert repr(emulator.state.computes["cpu"]) == before
    assert len(emulator.state.runs) == 1
    project.assert_settled()


def test_quota_that_is_exceeded_is_the_reason_and_starts_nothing(
    project: Project, emulator: Emulator
) -> None:
    emulator.switches.set(execution="instant", broken_clusters="cpu")
    write_resources(project, jobs=1)

    ended = project.reconcile(code=1)

    assert "quota" in (ended.out + ended.err).lower()
    assert emulator.state.runs == {}


@pytest.mark.parametrize(
    "how", [{"status": 503}, {"status": 404}, {"status": 403}, {"reset": True}]
)
def test_an_outage_of_the_listing_makes_no_cluster(
    cluster: Project, emulator: Emulator, how: dict[str, object]
) -> None:
    emulator.requests.reset()
    emulator.faults.add(r"GET .*/computes(\?|$)", times=None, **how)

    ended = cluster.reconcile(code=1)

    assert ended.err.count("error:") == 1
    assert emulator.requests.writes == []


def test_doctor_finds_nothing_wrong(cluster: Project) -> None:
    text = cluster.gitrain("doctor", "-w", "azure").out

    assert "workspace azure (rg-gitrain/pets) answers" in text


def test_doctor_says_which_credentials_lack(cluster: Project) -> None:
    for name in [name for name in cluster.variables if name.startswith(("AZURE_", "AZUREML_SER"))]:
        del cluster.variables[name]

    text = cluster.gitrain("doctor", "-w", "azure", code=1).out

    assert "AZURE_CLIENT_SECRET" in text
