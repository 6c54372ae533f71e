"""The workspace as the SDK sees it in both modes: credentials, clusters, environments, data."""

import pytest

from .processes import StepFailed


def test_the_workspace_is_found_with_stock_credentials(world):
    assert world.client.connect() == "pets"


def test_a_github_assertion_opens_the_workspace(proxied):
    assert proxied.client.connect_by_assertion() == "pets"


def test_a_wrong_secret_is_refused(proxied):
    with pytest.raises(StepFailed, match="AADSTS7000215"):
        proxied.client.connect_with_secret(secret="wrong")


def test_a_host_that_is_not_emulated_is_refused_and_counted(proxied):
    with pytest.raises(StepFailed, match="403"):
        proxied.client.ask(url="https://pypi.org/simple/")

    assert proxied.emulator.requests.refused_hosts == {"pypi.org": 1}


def test_a_cluster_is_created_scaled_and_deleted(world):
    client = world.client

    client.create_cluster(name="cpu", tags={"owner": "a"}, identity_type="SystemAssigned")
    client.update_cluster(name="cpu", most=3)

    found = client.cluster(name="cpu")
    assert (found["state"], found["size"]) == ("Succeeded", "STANDARD_DS3_V2")
    assert (found["nodes"], found["tags"]) == ([0, 3], {"owner": "a"})
    assert (found["idle"], found["identity"]) == (1800, "SystemAssigned")
    client.delete_cluster(name="cpu")
    assert client.clusters() == []


def test_a_cluster_takes_its_time_when_told_so(plain):
    plain.emulator.switches.set(provisioning_seconds=0.3)

    plain.client.create_cluster(name="cpu", wait=False)

    assert plain.client.cluster(name="cpu")["status"] is None
    assert plain.emulator.state.computes["cpu"]["properties"]["provisioningState"] == "Creating"


def test_a_broken_cluster_fails_with_a_reason(plain):
    plain.emulator.switches.set(broken_clusters="^big")

    assert plain.client.create_cluster(name="big-one", wait=False) == "Failed"


@pytest.mark.parametrize(("kept", "tags"), [(False, {"a": "1"}), (True, {"a": "2"})])
def test_tags_in_a_patch_of_a_cluster_are_kept_only_by_a_switch(plain, kept, tags):
    plain.emulator.switches.set(cluster_patch_tags=kept)
    plain.client.create_cluster(name="cpu", tags={"a": "1"})

    plain.client.patch_cluster_tags(name="cpu", tags={"a": "2"})

    assert plain.client.cluster(name="cpu")["tags"] == tags


def test_a_priority_comes_back_by_its_own_name(plain):
    plain.client.create_cluster(
        name="cpu", vm_priority="lowpriority", idle_seconds_before_scaledown=120
    )

    found = plain.client.cluster(name="cpu")
    assert (found["priority"], found["idle"]) == ("LowPriority", 120)


def test_clusters_come_in_pages(plain):
    for name in ("one", "two", "three"):
        plain.emulator.add_cluster(name)
    plain.emulator.switches.set(page_size=2)

    assert plain.client.clusters() == ["one", "three", "two"]


def test_sizes_and_usages_are_listed(plain):
    assert min(plain.client.sizes()) > 3


def test_the_same_environment_again_is_the_same_version(world):
    versions = [world.client.register(name="train", image=image) for image in ("a", "a", "b")]

    assert versions == ["1", "1", "2"]
    assert world.client.environments() == {"train": "2"}
    assert world.client.environment(name="train") == {"version": "2", "image": "b"}


def test_a_version_of_an_environment_never_changes(plain):
    plain.client.register(name="train", image="a", version="abc")

    assert plain.client.register(name="train", image="a", version="abc") == "abc"
    with pytest.raises(StepFailed, match="already registered and cannot be changed"):
        plain.client.register(name="train", image="b", version="abc")


def test_the_folder_of_an_image_is_uploaded(world):
    for _ in range(2):
        location = world.client.register_folder(name="train", files={"Dockerfile": "FROM ubuntu"})

    [name] = world.emulator.blobs.names("azureml", "DockerBuildContext/")
    assert name.endswith("/Dockerfile")
    assert location.rstrip("/").endswith(name.removesuffix("/Dockerfile"))


def test_environments_come_in_pages(plain):
    for name in ("a", "b", "c"):
        plain.client.register(name=name)
    plain.emulator.switches.set(page_size=2)

    assert sorted(plain.client.environments()) == ["a", "b", "c"]


def test_the_default_datastores_exist_and_list_their_blobs(world):
    world.emulator.blobs.put(world.emulator.blobs.container, "in/a.txt", b"a")

    assert world.client.datastores()["workspaceblobstore"] == "AzureBlobDatastore"
    assert world.client.list_blobs(prefix="in/") == ["in/a.txt"]
