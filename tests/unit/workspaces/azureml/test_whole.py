"""The command itself against the emulator as Azure: real host names, TLS, stock credentials."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.doubles.azure.emulator import Emulator, environment

CANARY = "canary-4b1d7e"
PROJECT = """\
apiVersion: gitrain/v1
kind: Project
metadata: {name: pets}
spec:
  default_workspace: azure
  workspaces:
    azure: {type: azureml, config: config.json, protect: {clean: false}}
"""
MANIFESTS = """\
apiVersion: gitrain/v1
kind: Cluster
metadata: {name: cpu}
spec: {size: Standard_DS3_v2, max_instances: 2}
---
apiVersion: gitrain/v1
kind: Environment
metadata: {name: plain}
spec: {image: "python:3.11"}
---
apiVersion: gitrain/v1
kind: Job
metadata: {name: first, labels: {team: vision}}
spec:
  code: ../code
  command: sh train.sh ${{outputs.model}}
  environment: plain
  compute: cpu
  environment_variables: {WANDB_API_KEY: {env: WANDB_API_KEY}}
  outputs: {model: {}}
  gates: [accuracy >= 0.5]
  limits: {timeout: 60}
---
apiVersion: gitrain/v1
kind: Job
metadata: {name: second}
spec:
  command: grep weights ${{inputs.base}}/w
  environment: plain
  compute: cpu
  inputs: {base: "${{jobs.first.outputs.model}}"}
  limits: {timeout: 60}
"""
TRAIN = """\
mkdir -p outputs
echo '{"step": 1, "accuracy": 0.75}' > outputs/metrics.jsonl
echo weights > $1/w
"""


@pytest.fixture(scope="module")
def azure() -> Iterator[Emulator]:
    with Emulator("proxy", phase_seconds=0.0) as emulator:
        yield emulator


@pytest.fixture
def root(azure: Emulator, tmp_path: Path) -> Path:
    azure.reset()
    root = tmp_path / "project"
    (root / "jobs").mkdir(parents=True)
    (root / "code").mkdir()
    (root / "gitrain.yaml").write_text(PROJECT)
    (root / "jobs" / "all.yaml").write_text(MANIFESTS)
    (root / "code" / "train.sh").write_text(TRAIN)
    azure.write_config(root)
    return root


def gitrain(
    root: Path, azure: Emulator, *words: str, **more: str
) -> subprocess.CompletedProcess[str]:
    kept: Mapping[str, str] = {"PATH": os.environ["PATH"], "NO_COLOR": "1"}
    # A word without a value: the variable is not set.
    given = {**kept, **environment(azure), **more}
    return subprocess.run(
        [sys.executable, "-m", "gitrain", *words, "-C", str(root)],
        env={name: value for name, value in given.items() if value},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


NOBODY = dict.fromkeys(
    (
        *("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"),
        *(f"AZUREML_SERVICE_PRINCIPAL_{name}" for name in ("TENANT_ID", "ID", "PASSWORD")),
    ),
    "",
)


def test_a_project_is_reconciled_and_the_plan_is_empty(azure: Emulator, root: Path) -> None:
    planned = gitrain(root, azure, "plan")
    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert azure.requests.writes == []

    done = gitrain(root, azure, "reconcile", "--wait", "--yes", WANDB_API_KEY=CANARY)
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(run.status for run in azure.state.runs.values()) == ["Completed"] * 2

    azure.requests.reset()
    again = gitrain(root, azure, "plan", "--detailed-exitcode")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "No changes. The workspace matches the manifests." in again.stdout
    assert azure.requests.writes == []

    everything = "".join((planned.stdout, planned.stderr, done.stdout, done.stderr, again.stdout))
    assert CANARY not in everything
    assert "azureml" not in done.stderr.replace("azureml:", "")
    assert (azure.unknown, azure.defects) == ([], [])
    assert not azure.requests.refused_hosts


def test_nobody_is_told_how_to_be_somebody(azure: Emulator, root: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"  # Git, and no az
    tools.mkdir()
    git = shutil.which("git")
    assert git
    (tools / "git").symlink_to(git)

    failed = gitrain(root, azure, "plan", **NOBODY, PATH=str(tools))

    assert failed.returncode == 1
    assert "AZURE_CLIENT_SECRET" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_wrong_secret_is_one_line(azure: Emulator, root: Path) -> None:
    given = dict(NOBODY) | {
        "AZURE_TENANT_ID": azure.place.tenant,
        "AZURE_CLIENT_ID": azure.place.client_id,
        "AZURE_CLIENT_SECRET": CANARY,
    }
    failed = gitrain(root, azure, "plan", **given)

    assert failed.returncode == 1
    assert "Microsoft Entra gave no token" in failed.stderr
    assert CANARY not in failed.stderr + failed.stdout
