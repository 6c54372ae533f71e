"""Clusters and environments, where a workspace has them; where not, they are refused."""

from __future__ import annotations

import pytest

from gitrain.errors import WorkspaceError
from gitrain.workspace import Query
from tests.promises.contract.adapters import Driver
from tests.unit.plan.build import a_cluster, an_environment, desired

WANTED = desired(a_cluster("gpu"), an_environment("env"))


def test_a_cluster_is_made_ours_and_left_as_it_is_when_it_exists(driver: Driver) -> None:
    if not driver.clusters:
        return
    driver.workspace.create_cluster(WANTED.clusters[0], "pets")
    other = desired(a_cluster("gpu", max_instances=9)).clusters[0]

    driver.workspace.create_cluster(other, "cats")

    found = driver.workspace.observe(Query(project="pets")).clusters["gpu"]
    assert (found.project, found.spec.max_instances) == ("pets", 4)


def test_clusters_are_reported_that_the_project_owns_or_names(driver: Driver) -> None:
    if not driver.clusters:
        return
    driver.workspace.create_cluster(WANTED.clusters[0], "cats")

    assert driver.workspace.observe(Query(project="pets")).clusters == {}
    assert driver.workspace.observe(Query(project="cats")).clusters.keys() == {"gpu"}
    assert driver.workspace.observe(Query(project="pets", clusters=("gpu",))).clusters.keys() == {
        "gpu"
    }


def test_bounds_idle_time_and_identity_of_a_cluster_are_updated(driver: Driver) -> None:
    if not driver.clusters:
        return
    driver.workspace.create_cluster(WANTED.clusters[0], "pets")
    changed = desired(
        a_cluster(
            max_instances=9,
            min_instances=1,
            idle_time_before_scale_down=60,
            identity={"type": "system_assigned"},
        )
    ).clusters[0]

    driver.workspace.update_cluster(changed, "pets")

    assert driver.workspace.observe(Query(project="pets")).clusters["gpu"].spec == changed.spec


def test_a_cluster_that_somebody_deleted_cannot_be_updated(driver: Driver) -> None:
    if not driver.clusters:
        return
    with pytest.raises(WorkspaceError):
        driver.workspace.update_cluster(WANTED.clusters[0], "pets")

    assert driver.workspace.observe(Query(project="pets", clusters=("gpu",))).clusters == {}


def test_a_deleted_cluster_is_gone_and_deleting_none_does_nothing(driver: Driver) -> None:
    if driver.clusters:
        driver.workspace.create_cluster(WANTED.clusters[0], "pets")

    driver.workspace.delete_cluster("gpu")
    driver.workspace.delete_cluster("gpu")

    assert driver.workspace.observe(Query(project="pets", clusters=("gpu",))).clusters == {}


def test_a_version_is_registered_once_and_reported_with_all_others(driver: Driver) -> None:
    if not driver.clusters:
        return
    other = desired(an_environment("env", image="other")).environments[0]
    for environment in (WANTED.environments[0], WANTED.environments[0], other):
        driver.workspace.register_environment(environment)

    found = driver.workspace.observe(Query(project="pets", environments=("env",))).environments

    assert found["env"].versions == {WANTED.environments[0].version, other.version}


def test_what_is_no_resource_is_refused(driver: Driver) -> None:
    if driver.clusters:
        return
    with pytest.raises(WorkspaceError, match="no resource"):
        driver.workspace.create_cluster(WANTED.clusters[0], "pets")
    with pytest.raises(WorkspaceError, match="no resource"):
        driver.workspace.register_environment(WANTED.environments[0])
