"""What becomes of each field of an Azure ML document."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitrain.azureml_yaml import translate
from tests.unit.azureml_yaml.azureml_documents import (
    INLINE,
    a_cluster,
    a_job,
    an_environment,
    spec_of,
)

ARM = "/subscriptions/s/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w"


def data(**fields):
    return a_job(inputs={"x": {"type": "uri_file", "path": "azureml:d:1", **fields}})


def output(**fields):
    return a_job(outputs={"y": fields})


# The document, what becomes of one field, and where in the spec it is.
MEANT = {
    "a text stays": (a_job(code="src"), ("code",), "src"),
    "a timeout stays": (a_job(limits={"timeout": 60}), ("limits", "timeout"), 60),
    "arguments in a list stay": (
        a_job(resources={"docker_args": ["--ipc", "host"]}),
        ("resources", "docker_args"),
        ["--ipc", "host"],
    ),
    "a number as a variable's value stays": (
        a_job(environment_variables={"N": 1}),
        ("environment_variables", "N"),
        1,
    ),
    "a reference to a secret stays": (
        a_job(environment_variables={"API_KEY": {"env": "API_KEY"}}),
        ("environment_variables", "API_KEY"),
        {"env": "API_KEY"},
    ),
    "an environment of the workspace stays": (
        a_job(environment="azureml:sklearn:3"),
        ("environment",),
        "azureml:sklearn:3",
    ),
    "an environment without a version stays, for the rules": (
        a_job(environment="azureml:sklearn@latest"),
        ("environment",),
        "azureml:sklearn@latest",
    ),
    "an environment of a registry stays, for the rules": (
        a_job(environment="azureml://registries/azureml/environments/e/versions/1"),
        ("environment",),
        "azureml://registries/azureml/environments/e/versions/1",
    ),
    "data at an address stay, for the rules": (
        data(path="https://example.com/a.csv"),
        ("inputs", "x", "path"),
        "https://example.com/a.csv",
    ),
    "a cluster of the workspace stays": (
        a_job(compute="azureml:cpu-cluster"),
        ("compute",),
        "azureml:cpu-cluster",
    ),
    "a cluster's bare name stays": (a_job(compute="cpu-cluster"), ("compute",), "cpu-cluster"),
    "an input that is a scalar is a literal": (
        a_job(inputs={"lr": 0.1}),
        ("inputs", "lr"),
        0.1,
    ),
    "an input called type is a literal like any other": (
        a_job(inputs={"type": "uri_file", "csv": "https://example.com/a.csv"}),
        ("inputs", "type"),
        "uri_file",
    ),
    "an input without a type is data": (
        a_job(inputs={"x": {"path": "data"}}),
        ("inputs", "x"),
        {"path": "data"},
    ),
    "a type in another case": (data(type="UriFolder"), ("inputs", "x", "type"), "uri_folder"),
    "a mode in another case": (data(mode="RO_MOUNT"), ("inputs", "x", "mode"), "ro_mount"),
    "an empty output is a folder": (a_job(outputs={"y": None}), ("outputs", "y"), {}),
    "an output's mount is written to": (output(mode="mount"), ("outputs", "y", "mode"), "rw_mount"),
    "an inline environment keeps only its definition": (
        a_job(
            environment={
                **INLINE,
                "$schema": "…",
                "name": "e",
                "version": 1,
                "description": "d",
                "tags": {"a": "b"},
                "os_type": "Linux",
            }
        ),
        ("environment",),
        INLINE,
    ),
    "a conda file's scheme goes": (
        a_job(environment={**INLINE, "conda_file": "file:conda.yml"}),
        ("environment", "conda_file"),
        "conda.yml",
    ),
    "a conda mapping stays": (
        a_job(environment={**INLINE, "conda_file": {"dependencies": ["python=3.11"]}}),
        ("environment", "conda_file"),
        {"dependencies": ["python=3.11"]},
    ),
    "a distribution in another case": (
        a_job(distribution={"type": "PyTorch"}),
        ("distribution", "type"),
        "pytorch",
    ),
    "an environment's folder to build from": (
        an_environment(build={"path": "docker", "dockerfile_path": "D"}),
        ("build",),
        {"path": "docker", "dockerfile_path": "D"},
    ),
    "a cluster's size, when none is given": (a_cluster(), ("size",), "Standard_DS3_v2"),
    "a cluster's bound, when none is given": (a_cluster(), ("max_instances",), 4),
    "a cluster's own size": (a_cluster(size="STANDARD_NC6"), ("size",), "STANDARD_NC6"),
    "low priority in another spelling": (a_cluster(tier="LowPriority"), ("tier",), "low_priority"),
    "an identity in another spelling": (
        a_cluster(identity={"type": "SystemAssigned"}),
        ("identity", "type"),
        "system_assigned",
    ),
    "identities as their ids": (
        a_cluster(
            identity={
                "type": "user_assigned",
                "user_assigned_identities": [{"resource_id": "a"}, {"resource_id": "b"}],
            }
        ),
        ("identity", "user_assigned_identities"),
        ["a", "b"],
    ),
    "a password by reference": (
        a_cluster(ssh_settings={"admin_username": "me", "admin_password": {"env": "P"}}),
        ("ssh_settings", "admin_password"),
        {"env": "P"},
    ),
    "what nobody knows stays, for the schema": (a_job(comand="ls"), ("comand",), "ls"),
}


@pytest.mark.parametrize(("value", "path", "expected"), MEANT.values(), ids=MEANT)
def test_a_field_means_what_it_means_in_azure_ml(value, path, expected):
    found = spec_of(value)
    for step in path:
        found = found[step]
    assert found == expected


# The document, and the path of the one thing to say of it.
REFUSED = {
    "services": (a_job(services={"s": {"type": "vs_code"}}), ("services",)),
    "a job's identity": (a_job(identity={"type": "managed"}), ("identity",)),
    "a queue": (a_job(queue_settings={"job_tier": "spot"}), ("queue_settings",)),
    "a parent": (a_job(parent_job_name="p"), ("parent_job_name",)),
    "properties": (a_job(properties={"a": "b"}), ("properties",)),
    "code in Git": (a_job(code="git+https://example.com/r.git"), ("code",)),
    "code at an address": (a_job(code="https://example.com/c"), ("code",)),
    "code that is an asset": (a_job(code="azureml:c:1"), ("code",)),
    "tensorflow": (
        a_job(distribution={"type": "TensorFlow", "worker_count": 2}),
        ("distribution", "type"),
    ),
    "ray": (a_job(distribution={"type": "ray", "port": 1}), ("distribution", "type")),
    "locations": (a_job(resources={"locations": ["x"]}), ("resources", "locations")),
    "an instance's type": (a_job(resources={"instance_type": "x"}), ("resources", "instance_type")),
    "an elastic job": (
        a_job(resources={"max_instance_count": 2}),
        ("resources", "max_instance_count"),
    ),
    "properties of resources": (
        a_job(resources={"properties": {"a": 1}}),
        ("resources", "properties"),
    ),
    "a table as input": (data(type="mltable"), ("inputs", "x", "type")),
    "a model as input": (data(type="mlflow_model"), ("inputs", "x", "type")),
    "direct access": (data(mode="direct"), ("inputs", "x", "mode")),
    "access to a table": (data(mode="eval_mount"), ("inputs", "x", "mode")),
    "a place on the node": (data(path_on_compute="/d"), ("inputs", "x", "path_on_compute")),
    "a datastore to upload to": (data(datastore="azureml:d"), ("inputs", "x", "datastore")),
    "data by resource id": (data(path=f"azureml:{ARM}/data/d/versions/1"), ("inputs", "x", "path")),
    "a model as output": (output(type="custom_model"), ("outputs", "y", "type")),
    "an output's direct access": (output(mode="direct"), ("outputs", "y", "mode")),
    "an output's place": (output(path="azureml://datastores/d/paths/p"), ("outputs", "y", "path")),
    "an output that is registered": (output(name="d"), ("outputs", "y", "name")),
    "a number in a mapping": (
        a_job(inputs={"x": {"type": "number", "default": 1}}),
        ("inputs", "x", "type"),
    ),
    "windows": (a_job(environment={**INLINE, "os_type": "windows"}), ("environment", "os_type")),
    "routes for inference": (
        an_environment(**INLINE, inference_config={"liveness_route": {"port": 1}}),
        ("inference_config",),
    ),
    "a build folder in Git": (
        an_environment(build={"path": "https://example.com/r.git"}),
        ("build", "path"),
    ),
    "a conda file at an address": (
        an_environment(**INLINE, conda_file="https://example.com/c.yml"),
        ("conda_file",),
    ),
    "an environment in a file": (a_job(environment="file:env.yml"), ("environment",)),
    "an environment by resource id": (
        a_job(environment=f"azureml:{ARM}/environments/e/versions/1"),
        ("environment",),
    ),
    "this machine": (a_job(compute="local"), ("compute",)),
    "no machine of one's own": (a_job(compute="azureml:serverless"), ("compute",)),
    "a cluster by resource id": (a_job(compute=f"{ARM}/computes/c"), ("compute",)),
    "two kinds of identity": (
        a_cluster(identity={"type": "SystemAssigned,UserAssigned"}),
        ("identity", "type"),
    ),
    "a resource to attach": (a_cluster(resource_id="/subscriptions/s"), ("resource_id",)),
}


@pytest.mark.parametrize(("value", "path"), REFUSED.values(), ids=REFUSED)
def test_what_v1_lacks_is_said_once_with_its_place_and_a_cure(value, path):
    (finding,) = translate(value, "jobs/a.yml").problems
    assert finding.path == path
    assert finding.code == "not-supported"
    assert finding.severity == "error"
    assert finding.message.endswith("is not supported yet")
    assert finding.suggestion


# `azureml:local` stands in for a cluster, so that no rule asks for one as well.
CURED = {name: value for name, (value, _) in REFUSED.items() if "machine" not in name}


@pytest.mark.parametrize("value", CURED.values(), ids=CURED)
def test_what_was_said_once_is_cured_in_the_document(value):
    head = {key: value[key] for key in ("$schema", "type") if key in value}
    cured = translate(value, "jobs/a.yml").document["spec"]
    assert translate(head | cured, "jobs/a.yml").problems == ()


@pytest.mark.parametrize("empty", [None, {}, []])
def test_an_empty_field_that_v1_lacks_says_nothing(empty):
    assert "services" not in spec_of(a_job(services=empty))


def test_fields_that_v1_lacks_are_told_apart():
    value = a_job(services={"s": {}}, queue_settings={"job_tier": "spot"}, code="azureml:c:1")
    paths = [finding.path for finding in translate(value, "jobs/a.yml").problems]
    assert paths == [("services",), ("queue_settings",), ("code",)]


@pytest.mark.parametrize("key", ["admin_password", "ssh_key_value"])
def test_a_literal_secret_is_refused_and_not_shown(key):
    value = a_cluster(ssh_settings={"admin_username": "me", key: "canary"})
    translation = translate(value, "jobs/c.yml")
    (finding,) = translation.problems
    assert (finding.path, finding.code) == (("ssh_settings", key), "literal-secret")
    assert f"`{key}: {{env: " in finding.suggestion
    assert "canary" not in f"{finding}{translation.document}"


def test_no_message_shows_an_address():
    value = a_job(code="https://me:canary@example.com/r.git", inputs={"a": "azureml:canary"})
    assert "canary" not in str(translate(value, "jobs/a.yml").problems)


def test_an_environments_version_is_a_warning():
    (finding,) = translate(an_environment(**INLINE, version=3), "jobs/e.yml").problems
    assert (finding.path, finding.severity) == (("version",), "warning")


def test_a_text_that_looks_like_a_data_asset_is_a_warning():
    (finding,) = translate(a_job(inputs={"x": "azureml:d:1"}), "jobs/a.yml").problems
    assert (finding.path, finding.severity) == (("inputs", "x"), "warning")


def test_an_identity_of_type_none_is_no_identity():
    assert "identity" not in spec_of(a_cluster(identity={"type": "none"}))


def test_tags_become_labels_and_their_values_texts():
    value = a_job(tags={"a": "b", "n": 18.04, "t": True, "empty": None}, description="d")
    metadata = translate(value, "jobs/a.yml").document["metadata"]
    assert metadata["labels"] == {"a": "b", "n": "18.04", "t": "true", "empty": ""}
    assert metadata["description"] == "d"


MOVED = {
    ("metadata", "labels", "team"): ("tags", "team"),
    ("metadata", "description"): ("description",),
    ("metadata", "name"): ("name",),
    ("kind",): ("type",),
    ("spec", "inputs", "lr"): ("inputs", "lr"),
    ("spec", "identity", "user_assigned_identities", 1): (
        *("identity", "user_assigned_identities", 1, "resource_id"),
    ),
    ("apiVersion",): (),
}


@pytest.mark.parametrize(("path", "original"), MOVED.items(), ids=lambda p: ".".join(map(str, p)))
def test_every_field_has_its_place_in_the_original(path, original):
    identities = {"user_assigned_identities": [{"resource_id": "a"}, {"resource_id": "b"}]}
    value = a_cluster(identity={"type": "user_assigned", **identities})
    assert translate(value, "jobs/c.yml").original(path) == original


KNOWN = """
    type name tags inputs outputs x path mode environment build conda_file os_type compute code
    identity user_assigned_identities resource_id ssh_settings admin_password distribution
    resources version services *
"""
WORDS = st.sampled_from(KNOWN.split()) | st.text(max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    st.dictionaries(WORDS, JSON, max_size=8), st.sampled_from([a_job, a_cluster, an_environment])
)
def test_no_document_breaks_the_translation(fields, kind):
    value = {**kind(), **fields}
    before = repr(value)
    translate(value, "jobs/a.yml")
    assert repr(value) == before
