"""A cluster's row: create, update, replace, blocked, or left alone."""

import msgspec
import pytest

from gitrain.apply import apply
from gitrain.observed import ClusterState
from tests.unit.plan.build import World, a_cluster, a_job, desired, row, verbs

KEY = {"admin_username": "me", "ssh_key_value": {"env": "SSH_KEY"}}


def the_cluster(world: World) -> ClusterState:
    return world.workspace.clusters["gpu"]


def test_a_missing_cluster_is_created_and_is_ours(world: World) -> None:
    made = world.reconcile(desired(a_cluster()))

    assert verbs(made) == ["create gpu"]
    assert row(made, "gpu", "Cluster").reason == "Standard_NC4as_T4_v3, 0 to 4 nodes, dedicated"
    assert the_cluster(world).project == "pets"


def test_a_cluster_as_its_manifest_says_is_kept(world: World) -> None:
    world.reconcile(desired(a_cluster()))

    assert world.plan(desired(a_cluster())).settled


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("min_instances", 1),
        ("max_instances", 9),
        ("idle_time_before_scale_down", 600),
        ("identity", {"type": "system_assigned"}),
    ],
)
def test_bounds_idle_time_and_identity_are_updated_in_place(
    world: World, field: str, value: object
) -> None:
    world.reconcile(desired(a_cluster()))
    wanted = desired(a_cluster(**{field: value}))

    made = world.reconcile(wanted)

    assert verbs(made) == ["update gpu"]
    assert [change.path for change in made.actions[0].changes] == [field]
    assert world.plan(wanted).settled


def test_the_default_idle_time_is_written_out(world: World) -> None:
    world.reconcile(desired(a_cluster(idle_time_before_scale_down=600)))

    made = world.plan(desired(a_cluster()))

    assert row(made, "gpu", "Cluster").reason == "idle_time_before_scale_down 600 → 120"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", "Standard_NC8as_T4_v3"),
        ("tier", "low_priority"),
        ("location", "northeurope"),
        ("network_settings", {"vnet_name": "v", "subnet": "s"}),
        ("enable_node_public_ip", False),
        ("ssh_public_access_enabled", True),
    ],
)
def test_any_other_field_needs_replace(world: World, field: str, value: object) -> None:
    world.reconcile(desired(a_cluster()))
    wanted = desired(a_cluster(**{field: value}))

    blocked = row(world.plan(wanted), "gpu", "Cluster")

    assert (blocked.verb, blocked.reason.endswith("needs --replace")) == ("blocked", True)
    assert verbs(world.reconcile(wanted, replace=True)) == ["replace gpu"]
    assert world.plan(wanted).settled


def test_a_field_that_the_workspace_did_not_report_is_not_compared(world: World) -> None:
    world.reconcile(desired(a_cluster()))
    silent = msgspec.structs.replace(the_cluster(world), reported=frozenset({"max_instances"}))
    world.workspace.clusters["gpu"] = silent

    assert world.plan(desired(a_cluster(tier="low_priority"))).settled


def test_a_field_that_the_manifest_does_not_set_is_not_compared(world: World) -> None:
    world.reconcile(desired(a_cluster(location="westeurope")))

    assert world.plan(desired(a_cluster())).settled


def test_azure_ignores_case_in_sizes_and_blanks_in_regions(world: World) -> None:
    world.reconcile(desired(a_cluster(location="West Europe", size="STANDARD_NC4AS_T4_V3")))

    assert world.plan(desired(a_cluster(location="westeurope"))).settled


def test_a_cluster_is_never_replaced_while_runs_use_it(world: World) -> None:
    world.reconcile(desired(a_cluster(), a_job("a", compute="gpu")))
    wanted = desired(a_cluster(tier="low_priority"), a_job("a", compute="gpu"))

    blocked = row(world.plan(wanted, replace=True), "gpu", "Cluster")

    assert blocked.verb == "blocked"
    assert "cannot be replaced while a run uses it" in blocked.reason


def test_what_needs_a_blocked_cluster_is_blocked(world: World) -> None:
    world.reconcile(desired(a_cluster()))

    made = world.plan(desired(a_cluster(tier="low_priority"), a_job("a", compute="gpu")))

    assert row(made, "a").verb == "blocked"
    assert row(made, "a").reason == "needs Cluster/gpu, which is blocked"


def test_a_foreign_cluster_is_used_as_it_is_and_the_plan_says_how_it_differs(world: World) -> None:
    world.foreign_cluster(max_instances=2)

    made = world.reconcile(desired(a_cluster(), a_job("a", compute="gpu")))

    assert verbs(made) == ["keep gpu", "submit a"]
    assert row(made, "gpu", "Cluster").reason == (
        "not managed by this project, used as is (differs: max_instances 2 → 4)"
    )
    assert the_cluster(world).spec.max_instances == 2


def test_a_foreign_cluster_is_never_replaced(world: World) -> None:
    world.foreign_cluster(tier="low_priority")

    assert verbs(world.plan(desired(a_cluster()), replace=True)) == ["keep gpu"]


def test_an_adopted_cluster_is_ours_to_update(world: World) -> None:
    world.foreign_cluster(max_instances=2)

    world.reconcile(desired(a_cluster(metadata={"adopt": True})))

    assert the_cluster(world).spec.max_instances == 4


def test_labels_and_description_are_noted_and_never_changed(world: World) -> None:
    world.reconcile(desired(a_cluster()))
    wanted = desired(a_cluster(metadata={"labels": {"team": "x"}, "description": "new"}))

    made = world.reconcile(wanted)

    assert made.settled
    assert made.notes == (
        "Cluster/gpu: labels or description differ (they are only set at creation)",
    )
    assert the_cluster(world).labels == {}


def test_a_cluster_whose_secret_is_absent_is_blocked_and_its_name_is_noted(world: World) -> None:
    wanted = desired(a_cluster(ssh_settings=KEY))

    blocked = row(world.plan(wanted, absent_secrets=frozenset({"SSH_KEY"})), "gpu", "Cluster")

    assert (blocked.verb, "SSH_KEY" in blocked.reason) == ("blocked", True)
    assert any("SSH_KEY" in note for note in world.plan(wanted).notes)


def test_a_cluster_that_exists_needs_no_secret_any_more(world: World) -> None:
    wanted = desired(a_cluster(ssh_settings=KEY))
    world.reconcile(wanted)

    assert world.plan(wanted, absent_secrets=frozenset({"SSH_KEY"})).settled


def test_on_local_clusters_are_no_resources(world: World) -> None:
    made = world.plan(desired(a_cluster(), a_job("a", compute="gpu"), kind="local"))

    assert verbs(made) == ["submit a"]
    assert made.notes == ("these fields are ignored on w: compute",)


def test_a_replaced_cluster_has_what_the_manifest_says(world: World) -> None:
    world.reconcile(desired(a_cluster()))
    wanted = desired(a_cluster(tier="low_priority", max_instances=7))

    apply(world.plan(wanted, replace=True), world.workspace)

    spec = the_cluster(world).spec
    assert (spec.tier, spec.max_instances) == ("low_priority", 7)
