"""Which documents are Azure ML's, and which of them v1 has a kind for."""

from __future__ import annotations

import pytest

from gitrain.azureml_yaml import is_azureml, translate
from tests.unit.azureml_yaml.azureml_documents import SCHEMA, a_cluster, a_job, an_environment

OURS = {
    "a command job by its schema": ({"$schema": SCHEMA.format("commandJob")}, "Job"),
    "a command job by its type": ({"type": "command", "command": "ls"}, "Job"),
    "a cluster by its schema": ({"$schema": SCHEMA.format("amlCompute"), "name": "c1"}, "Cluster"),
    "a cluster by its type": ({"type": "amlcompute", "name": "c1"}, "Cluster"),
    "a cluster by its type in another case": ({"type": "AmlCompute", "name": "c1"}, "Cluster"),
    "an environment by its schema": ({"$schema": SCHEMA.format("environment")}, "Environment"),
    "a schema of an older address": (
        {"$schema": "https://azuremlschemasprod.azureedge.net/1.0/commandJob.schema.json"},
        "Job",
    ),
    "a schema of the oldest address": (
        {"$schema": "https://azuremlsdk2.blob.core.windows.net/latest/commandJob.schema.json"},
        "Job",
    ),
    "a cluster by its type, with the schema of any compute": (
        {"$schema": SCHEMA.format("compute"), "type": "amlcompute", "name": "c1"},
        "Cluster",
    ),
    "a schema in another case": ({"$schema": SCHEMA.format("CommandJob")}, "Job"),
}

NOT_SUPPORTED = {
    "a sweep by its schema": ({"$schema": SCHEMA.format("sweepJob")}, "a sweep job"),
    "a sweep by its type": ({"type": "sweep", "trial": {}}, "a sweep job"),
    "a pipeline by its type": ({"type": "pipeline", "jobs": {}}, "a pipeline job"),
    "a compute instance by its schema": (
        {"$schema": SCHEMA.format("computeInstance")},
        "a compute instance",
    ),
    "a compute instance by its type": (
        {"type": "computeinstance", "name": "ci"},
        "a compute instance",
    ),
    "a component that runs a command": (
        {"$schema": SCHEMA.format("commandComponent"), "type": "command"},
        "a component",
    ),
    "a component by the schema of the SDK": (
        {"$schema": "http://azureml/sdk-2-0/CommandComponent.json", "type": "command"},
        "a component",
    ),
    "an endpoint": ({"$schema": SCHEMA.format("managedOnlineEndpoint")}, "an endpoint"),
    "any compute of an unsupported type": (
        {"$schema": SCHEMA.format("compute"), "type": "computeinstance", "name": "ci"},
        "a compute instance",
    ),
    "an attached machine": (
        {"type": "virtualmachine", "name": "vm", "resource_id": "/subscriptions/s"},
        "an attached virtual machine",
    ),
    "a data asset": ({"$schema": SCHEMA.format("data"), "type": "uri_file"}, "a data asset"),
    "a model": ({"type": "mlflow_model", "path": "model", "name": "m"}, "a model"),
    "a job's schema with a sweep's type": (
        {"$schema": SCHEMA.format("commandJob"), "type": "sweep", "trial": {}},
        "a sweep job",
    ),
    "a schema that we never heard of": (
        {"$schema": SCHEMA.format("teleport")},
        "this kind of Azure ML document",
    ),
}

FOREIGN = {
    "a manifest": {"apiVersion": "gitrain/v1", "kind": "Job", "type": "command"},
    "a conda file": {"name": "base", "channels": ["conda-forge"], "dependencies": ["python"]},
    "another JSON schema": {"$schema": "https://json.schemastore.org/github-workflow.json"},
    "the word pipeline alone": {"type": "pipeline"},
    "the word kubernetes alone": {"type": "kubernetes", "name": "x"},
    "a type that is no text": {"type": ["command"]},
    "a schema that is no text": {"$schema": 7},
    "a list": ["command"],
    "nothing": None,
    "a text": "type: command",
}


@pytest.mark.parametrize(("value", "kind"), OURS.values(), ids=OURS)
def test_a_document_of_azure_ml_becomes_a_resource(value, kind):
    assert is_azureml(value)
    translation = translate(value, "jobs/a.yml")
    assert translation.document["kind"] == kind
    assert translation.unsupported == ""


@pytest.mark.parametrize(("value", "words"), NOT_SUPPORTED.values(), ids=NOT_SUPPORTED)
def test_a_document_that_v1_has_no_kind_for_is_named_in_words(value, words):
    assert is_azureml(value)
    translation = translate(value, "jobs/a.yml")
    assert translation.document is None
    assert translation.problems == ()
    assert translation.unsupported == words


@pytest.mark.parametrize("value", FOREIGN.values(), ids=FOREIGN)
def test_any_other_document_is_not_azure_mls(value):
    assert not is_azureml(value)


NAMES = {
    "its own name": (a_job(name="mine"), "jobs/a.yml", "mine"),
    "the file's": (a_job(), "jobs/hello-world.yml", "hello-world"),
    "the folder's, in a file called job.yml": (a_job(), "jobs/iris/job.yml", "iris"),
    "the folder's, in a file called job.yaml": (a_job(), "jobs/iris/job.yaml", "iris"),
    "job, in a file of that name without a folder": (a_job(), "job.yml", "job"),
    "the file's, with illegal characters replaced": (a_job(), "jobs/a b.c.yml", "a-b-c"),
    "the file's, from its first legal character": (a_job(), "jobs/_a.yml", "a"),
    "the kind's, when no character is legal": (a_job(), "jobs/é.yml", "job"),
    "an environment's, which may have dots": (
        an_environment(name="torch-2.1"),
        "jobs/a.yml",
        "torch-2.1",
    ),
    "a cluster's, which begins with a letter": (
        {"type": "amlcompute"},
        "jobs/2-cpu_nodes-.yml",
        "cpu-nodes",
    ),
}


@pytest.mark.parametrize(("value", "file", "name"), NAMES.values(), ids=NAMES)
def test_a_resource_has_a_legal_name(value, file, name):
    translation = translate(value, file)
    assert translation.document["metadata"]["name"] == name
    assert translation.problems == ()


def test_a_name_that_was_written_and_had_to_change_is_a_warning():
    translation = translate(a_job(name="my job"), "jobs/a.yml")
    (finding,) = translation.problems
    assert translation.document["metadata"]["name"] == "my-job"
    assert (finding.path, finding.code, finding.severity) == (("name",), "renamed", "warning")


def test_a_type_that_does_not_fit_the_schema_is_an_error():
    (finding,) = translate(a_job(type="amlcompute"), "jobs/a.yml").problems
    assert (finding.path, finding.code) == (("type",), "wrong-value")
    assert finding.suggestion == "write `type: command`"


def test_the_projects_defaults_come_before_those_of_azure_ml():
    defaults = {"Cluster": {"max_instances": 2}}
    spec = translate(a_cluster(), "jobs/c.yml", defaults).document["spec"]
    assert spec == {"size": "Standard_DS3_v2"}
