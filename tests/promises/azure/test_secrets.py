"""A registry password, a token and the storage account's key are seen by Azure alone."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.doubles.azure.blobstore import KEY
from tests.doubles.azure.emulator import Emulator
from tests.promises.azure.azure import CLUSTER, a_project
from tests.promises.command_line.project import Ended, Project

PASSWORD = "canary/registry+password=7c1f"
TOKEN = "canary-wandb-token-93ab"
PAT = "canary-remote-token-5d2e"
JOB = "trainer"


@pytest.fixture
def project(tmp_path: Path, emulator: Emulator) -> Project:
    made = a_project(tmp_path / "demo", emulator)
    made.variables |= {"REGISTRY_PASSWORD": PASSWORD, "REGISTRY_USER": "puller"}
    made.variables |= {"WANDB_API_KEY": TOKEN}
    made.manifest("jobs/cpu.yaml", "Cluster", "cpu", CLUSTER)
    registry = {
        "address": "private.azurecr.io",
        "username": {"env": "REGISTRY_USER"},
        "password": {"env": "REGISTRY_PASSWORD"},
    }
    made.manifest(
        "jobs/env.yaml", "Environment", "env", {"image": "private/x:1", "registry": registry}
    )
    made.write("src/train.sh", "echo trained; mkdir -p outputs; echo 1 > outputs/weights\n")
    made.job(
        JOB,
        "sh train.sh",
        code="../src",
        environment="env",
        compute="cpu",
        environment_variables={"WANDB_API_KEY": {"env": "WANDB_API_KEY"}},
    )
    made.commit()
    made.git("remote", "add", "origin", f"https://ada:{PAT}@example.com/pets.git")
    return made


def canaries(emulator: Emulator) -> Iterator[bytes]:
    """Every spelling of each secret."""
    key = base64.b64encode(KEY).decode()
    for secret in (PASSWORD, TOKEN, PAT, key, KEY.decode(), emulator.place.client_secret):
        for text in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()):
            yield text.encode()
    # The signature of an address that lets its bearer write to the storage.
    yield b"&sig="


def every_command(project: Project, emulator: Emulator) -> list[Ended]:
    """All that a user may look at, as text and as JSON, with what fails among it."""
    run = project.gitrain
    ends = [run("plan"), run("plan", "-o", "json"), run("doctor")]
    for match, form in (("PUT .*/environments/env/", "text"), ("POST .*/snapshotrun", "json")):
        emulator.faults.add(match, status=400)
        ends.append(run("reconcile", "-o", form, code=1))
    ends.append(run("reconcile", "-o", "json"))
    [run_id] = emulator.state.runs
    emulator.jobs.wait(run_id)
    ends += [run(word, "-o", "json") for word in ("reconcile", "status")]
    ends += [run(word, JOB) for word in ("metrics", "logs", "outputs")]
    ends += [run("status"), run("plan", "--explain", JOB)]
    ends += [run("show", "environment", "env", "-o", form) for form in ("json", "azureml")]
    ends += [run("show", "job", JOB, "-o", form) for form in ("json", "azureml")]
    return [*ends, run("outputs", JOB, "--download", "downloads")]


def test_a_secret_appears_in_no_text_and_no_file(project: Project, emulator: Emulator) -> None:
    texts = [f"{ended.out}{ended.err}".encode() for ended in every_command(project, emulator)]
    git = project.root / ".git/config"
    folders = (project.root, emulator.folder / "home", Path(project.variables["TMPDIR"]))
    blobs = (emulator.folder / "blobs", project.root.parent)
    files = [file for folder in (*folders, *blobs) for file in folder.rglob("*") if file.is_file()]
    runs = [repr((run.dto, run.tags)).encode() for run in emulator.state.runs.values()]

    assert files
    for canary in canaries(emulator):
        assert [text for text in (*texts, *runs) if canary in text] == []
        assert [file for file in files if file != git and canary in file.read_bytes()] == []


def test_the_registry_and_the_job_do_get_their_secrets(
    project: Project, emulator: Emulator
) -> None:
    project.job(
        JOB,
        f'[ "$WANDB_API_KEY" = {TOKEN[:6]}${{END}} ] && echo got it',
        environment="env",
        compute="cpu",
        environment_variables={"WANDB_API_KEY": {"env": "WANDB_API_KEY"}, "END": TOKEN[6:]},
    )
    project.reconcile()
    [run_id] = emulator.state.runs

    assert emulator.jobs.wait(run_id) == "Completed"
    [version] = emulator.state.environments["env"].values()
    assert version["docker"]["baseImageRegistry"]["password"] == PASSWORD
