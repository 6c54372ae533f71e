"""What is written is Azure ML's language, and reads back as the same resource."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitrain.azureml_yaml import is_azureml, translate, write
from gitrain.azureml_yaml.text import as_yaml
from gitrain.document import Document, Files, Manifests
from gitrain.manifest import Project, ProjectMetadata, ProjectSpec
from gitrain.resolve import resolve
from gitrain.workspace_types import AzuremlWorkspace
from tests.unit.azureml_yaml.azureml_documents import (
    COLLECTION,
    EXAMPLES,
    a_job,
    a_manifest,
    document_from,
    document_of,
    parsed,
    parsed_by_azure,
)

OURS = sorted(EXAMPLES.glob("*.y*ml"))
THEIRS = sorted(COLLECTION.glob("*.y*ml"))

# What of the collection v1 lacks: for each file the fields, each of them said once.
LACKING = {
    "jobs_basics_hello-interactive": [("services",)],
    "jobs_basics_hello-model-as-input": [("inputs", "my_model", "type")],
    "jobs_basics_hello-model-as-output": [
        ("inputs", "input_model", "type"),
        ("outputs", "output_folder", "type"),
    ],
    "resources_compute_cluster-ssh-password": [("ssh_settings", "admin_password")],
}
no_collection = pytest.mark.skipif(
    not THEIRS, reason="no ../shared/data/az-ml next to the checkout"
)


def both_ways(text: str, file: str) -> None:
    """Assert that a document reads back as the same resource under either version of YAML."""
    first = translate(parsed(text), file)
    document = document_of(first, file)
    written, _ = write(document)
    for value in (parsed(written), parsed_by_azure(written)):
        assert is_azureml(value)
        second = translate(value, file)
        assert second.problems == ()
        assert document_of(second, file).resource == document.resource


def test_there_are_examples():
    assert len(OURS) >= 8


@pytest.mark.parametrize("file", OURS, ids=lambda path: path.stem)
def test_an_example_reads_back_as_it_was_written(file):
    both_ways(file.read_text(), f"jobs/{file.name}")


@pytest.mark.parametrize("file", OURS, ids=lambda path: path.stem)
def test_nothing_of_an_example_is_without_a_place(file):
    _, notes = write(document_from(parsed(file.read_text()), f"jobs/{file.name}"))
    assert notes == ()


@no_collection
@pytest.mark.parametrize("file", THEIRS, ids=lambda path: path.stem)
def test_a_document_of_azure_mls_own_collection_loads_or_says_once_why_not(file):
    value = parsed(file.read_text())
    translation = translate(value, f"jobs/{file.name}")
    assert is_azureml(value)
    assert [finding.path for finding in translation.problems] == LACKING.get(file.stem, [])
    if "instance" in file.stem:
        assert translation.unsupported == "a compute instance"
    else:
        both_ways(file.read_text(), f"jobs/{file.name}")


def test_a_job_is_written_in_azure_mls_order():
    job = a_manifest(
        "Job",
        metadata={"labels": {"team": "vision"}, "description": "Trains."},
        spec={
            "command": "python train.py \\\n  --lr ${{inputs.lr}}\n",
            "code": "../training",
            "inputs": {"lr": 1e-05, "data": {"path": "azureml:d:1"}},
            "outputs": {"model": {}},
            "environment": {"image": "python:3.11"},
            "compute": "gpu",
            "distribution": {"type": "mpi"},
            "limits": {"timeout": 3600},
        },
    )
    text, notes = write(job)
    assert notes == ()
    assert text == (
        "$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\n"
        "type: command\n"
        "name: train\n"
        "description: Trains.\n"
        "tags:\n"
        "  team: vision\n"
        "code: ../training\n"
        "command: |\n"
        "  python train.py \\\n"
        "    --lr ${{inputs.lr}}\n"
        "inputs:\n"
        "  lr: 1.0e-05\n"
        "  data:\n"
        "    type: uri_folder\n"
        "    path: azureml:d:1\n"
        "outputs:\n"
        "  model:\n"
        "    type: uri_folder\n"
        "environment:\n"
        "  image: python:3.11\n"
        "compute: azureml:gpu\n"
        "distribution:\n"
        "  type: mpi\n"
        "  process_count_per_instance: 1\n"
        "limits:\n"
        "  timeout: 3600\n"
    )


ENVIRONMENT = {"image": "i", "conda_file": "conda.yml", "build": {"path": "."}}
PLACES = {
    "in the same folder": ("jobs/e.yaml", "conda.yml", "."),
    "in a folder below": ("jobs/environments/e.yaml", "environments/conda.yml", "environments"),
    "in a folder beside": ("envs/e.yaml", "../envs/conda.yml", "../envs"),
    "at the root": ("e.yaml", "../conda.yml", ".."),
}


@pytest.mark.parametrize(("file", "conda", "folder"), PLACES.values(), ids=PLACES)
def test_a_named_environment_stands_inline_with_paths_as_the_job_sees_them(file, conda, folder):
    environment = a_manifest("Environment", file, spec=ENVIRONMENT)
    job = a_manifest("Job", "jobs/train.yaml", spec={"environment": "sklearn"})
    text, notes = write(job, {"sklearn": environment})
    assert notes == ()
    assert parsed(text)["environment"] == {
        "image": "i",
        "conda_file": conda,
        "build": {"path": folder},
    }


def test_the_paths_that_are_written_are_those_of_the_manifests():
    environment = a_manifest("Environment", "a/b/e.yaml", spec={"conda_file": "../c/conda.yml"})
    job = a_manifest("Job", "a/d/train.yaml", spec={"environment": "sklearn"})
    text, _ = write(job, {"sklearn": environment})
    written = parsed(text)["environment"]["conda_file"]
    assert job.path(written) == environment.path("../c/conda.yml") == "a/c/conda.yml"


# What is set, by kind, and the beginnings of the notes on it.
INLINE = {"environment": {"image": "i"}}
NOTED = {
    "how gitrain treats a job": (
        "Job",
        {
            "spec": {
                **INLINE,
                "retries": 1,
                "supersede": "keep",
                "suspend": True,
                "checkpoints": True,
                "gates": ["a > 1"],
                "depends_on": ["b"],
                "revision": 2,
            }
        },
        ["revision", "retries", "supersede", "suspend", "checkpoints", "gates", "depends_on"],
    ),
    "where a resource exists": (
        "Cluster",
        {"metadata": {"workspaces": ["azure"], "adopt": True}, "overrides": {"azure": {}, "b": {}}},
        ["workspaces", "adopt", "overrides"],
    ),
    "what an environment has more": (
        "Environment",
        {
            "spec": {
                "dockerfile": "FROM x",
                "requirements_file": "r.txt",
                "registry": {"address": "a"},
                "local": {},
                "environment_variables": {"A": "1"},
            }
        },
        ["dockerfile", "requirements_file", "registry", "local", "environment_variables"],
    ),
    "an inline environment": (
        "Job",
        {"spec": {"environment": {"image": "i", "requirements_file": "r.txt"}}},
        ["environment.requirements_file"],
    ),
    "data by their content": (
        "Job",
        {"spec": {**INLINE, "inputs": {"x": {"path": "d", "fingerprint": "content"}}}},
        ["inputs.x.fingerprint"],
    ),
    "another job's output": (
        "Job",
        {"spec": {**INLINE, "inputs": {"x": "${{jobs.a.outputs.m}}"}}},
        ["inputs.x"],
    ),
    "a secret": (
        "Job",
        {"spec": {**INLINE, "environment_variables": {"API_KEY": {"env": "K"}}}},
        ["environment_variables.API_KEY"],
    ),
    "a password": (
        "Cluster",
        {"spec": {"ssh_settings": {"admin_username": "me", "admin_password": {"env": "P"}}}},
        ["ssh_settings.admin_password"],
    ),
    "no environment": ("Job", {}, ["environment"]),
}


@pytest.mark.parametrize(("kind", "parts", "noted"), NOTED.values(), ids=NOTED)
def test_what_azure_ml_has_no_place_for_is_noted(kind, parts, noted):
    text, notes = write(a_manifest(kind, **parts))
    assert [note.partition(":")[0] for note in notes] == noted
    assert is_azureml(parsed(text))


def test_a_reference_to_a_secret_reads_back():
    job = a_manifest(
        "Job", spec={**INLINE, "environment_variables": {"API_KEY": {"env": "K"}, "N": 1}}
    )
    text, _ = write(job)
    assert document_from(parsed(text), job.file).resource == job.resource


def test_the_variables_of_an_inline_environment_are_written_among_the_jobs_own():
    environment = {"image": "i", "environment_variables": {"A": "1", "B": "1"}}
    spec = {"environment": environment, "environment_variables": {"B": "2"}}
    text, notes = write(a_manifest("Job", spec=spec))
    assert parsed(text)["environment_variables"] == {"A": "1", "B": "2"}
    assert [note.partition(":")[0] for note in notes] == ["environment.environment_variables"]


def test_a_job_reads_back_as_azure_mls_cluster():
    text, _ = write(a_manifest("Job", spec={**INLINE, "compute": "gpu"}))
    assert parsed(text)["compute"] == "azureml:gpu"


TEXTS = st.text(max_size=40) | st.text(
    "ab \n\t:#-'\"|>{}[]&*!%@`01.ey\r\u2028\x85\ufeff", max_size=12
)


@settings(deadline=None)
@given(TEXTS, TEXTS, st.floats(allow_nan=False, allow_infinity=False) | st.integers() | TEXTS)
def test_any_text_and_number_reads_back_under_both_versions_of_yaml(one, two, three):
    value = {"a": one, "b": {two: [three, one]}, "c": {"x": three}}
    text = as_yaml(value)
    assert parsed(text) == value
    assert parsed_by_azure(text) == value


@settings(deadline=None)
@given(TEXTS.filter(bool), TEXTS, st.dictionaries(st.sampled_from("abc"), TEXTS))
def test_any_job_reads_back(command, description, tags):
    value = a_job(command=command, description=description, tags=tags)
    document = document_from(value)
    text, _ = write(document)
    assert document_from(parsed(text)).resource == document.resource


def digest_of(job: Document, *others: Document) -> str:
    project = Project(
        apiVersion="gitrain/v1",
        metadata=ProjectMetadata(name="pets"),
        spec=ProjectSpec(workspaces={"azure": AzuremlWorkspace()}),
    )
    files = Files(
        condas={"envs/conda.yml": {"dependencies": ["python=3.11"]}},
        trees={"training": "1" * 40, "envs/docker": "2" * 40},
    )
    manifests = Manifests(project, {"azure": (*others, job)})
    (desired,) = resolve(manifests, "azure", files).jobs
    return desired.digest


DEFINITIONS = {
    "an image": {"image": "python:3.11"},
    "a conda file": {"image": "i", "conda_file": "conda.yml"},
    "a conda mapping": {"image": "i", "conda_file": {"dependencies": ["python=3.11"]}},
    "a folder to build": {"build": {"path": "docker", "dockerfile_path": "D"}},
}


@pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=DEFINITIONS)
def test_a_job_that_is_written_out_keeps_its_digest(definition):
    environment = a_manifest("Environment", "envs/sklearn.yaml", spec=definition)
    job = a_manifest(
        "Job",
        "jobs/train.yaml",
        spec={
            "command": "python train.py ${{inputs.lr}} ${{inputs.data}} ${{outputs.model}}",
            "code": "../training",
            "inputs": {
                "lr": 1e-05,
                "octal": "010",
                "data": {"path": "azureml:d:1", "mode": "download"},
            },
            "outputs": {"model": {"mode": "upload"}, "log": {"type": "uri_file"}},
            "environment": "sklearn",
            "environment_variables": {"N": 2, "ON": "on", "API_KEY": {"env": "K"}},
            "distribution": {"type": "pytorch"},
            "resources": {"instance_count": 2, "docker_args": ["-x"]},
        },
    )
    text, _ = write(job, {"sklearn": environment})
    for value in (parsed(text), parsed_by_azure(text)):
        assert digest_of(document_from(value, job.file)) == digest_of(job, environment)
