"""One emulator for each module of tests; a repository, and an empty workspace, for each test."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.doubles.actions.oidc import Issuer
from tests.doubles.actions.site import Site
from tests.doubles.azure.emulator import Emulator
from tests.doubles.github.hub import GitHub
from tests.promises.azure.azure import CLUSTER, broken, jobs_of
from tests.promises.command_line.project import Project
from tests.root import ROOT


class Checkout(Project):
    """Ada's clone of the repository."""

    def begin(self, branch: str) -> None:
        """A new branch, from where main is now."""
        self.git("fetch", "-q", "origin")
        self.git("switch", "-q", "-c", branch, "origin/main")

    def publish(self, message: str = "Change it") -> str:
        """Commit everything, and push the branch."""
        commit = self.commit(message)
        self.git("push", "-q", "-f", "origin", "HEAD")
        return commit

    def train(self, name: str = "train", epochs: int = 5, **spec: Any) -> Path:
        """A job that takes no time; with 5 epochs its accuracy is 0.95, with 6 it is 0.96."""
        line = '{"step": 1, "accuracy": 0.9${{inputs.epochs}}}'
        return self.job(
            name,
            spec.pop("command", f"mkdir -p outputs; echo '{line}' > outputs/metrics.jsonl"),
            inputs=spec.pop("inputs", {"epochs": epochs}),
            environment="env",
            compute="cpu",
            **spec,
        )


@pytest.fixture(scope="module")
def the_emulator() -> Iterator[Emulator]:
    with Emulator("proxy", collect_seconds=0.1, python=sys.executable) as emulator:
        yield emulator


@pytest.fixture
def emulator(the_emulator: Emulator) -> Iterator[Emulator]:
    the_emulator.reset()
    yield the_emulator
    assert broken(the_emulator) == []


@pytest.fixture
def checkout(tmp_path: Path, emulator: Emulator) -> Project:
    """A clone of a repository as `gitrain init` leaves it, with one job, and pushed to main."""
    place = emulator.place
    azure = {
        "type": "azureml",
        "subscription_id": place.subscription,
        "resource_group": place.group,
        "workspace_name": place.workspace,
        "protect": {"branch": "main", "clean": True},
    }
    made = Checkout(tmp_path / "demo", git=False, workspaces={"azure": azure})
    shutil.copytree(ROOT / ".github/workflows", made.root / ".github/workflows")
    shutil.copytree(ROOT / "schemas", made.root / "schemas")
    made.write(".github/requirements.txt", "gitrain\n")
    made.write(".ci/run", "gitrain validate\n")
    made.manifest("jobs/cpu.yaml", "Cluster", "cpu", CLUSTER)
    made.manifest("jobs/env.yaml", "Environment", "env", {"image": "python:3.11"})
    made.train()
    bare = tmp_path / "pets.git"
    made.git("init", "-q", "--bare", "-b", "main", str(bare))
    made.git("init", "-q", "-b", "main")
    made.git("remote", "add", "origin", str(bare))
    made.publish("Begin")
    return made


@pytest.fixture
def site(tmp_path: Path, emulator: Emulator, checkout: Project) -> Iterator[Site]:
    folder = tmp_path / "runners"
    folder.mkdir()
    bare = tmp_path / "pets.git"
    with GitHub(bare) as hub, Issuer() as issuer:
        made = Site(folder, hub, emulator, issuer, bare)
        yield made
        assert hub.unknown == hub.defects == []
        for log in folder.rglob("gitrain-*.log"):
            pytest.fail(log.read_text())


def runs_of(emulator: Emulator) -> dict[str, int]:
    """How many runs each job has."""
    return dict(jobs_of(emulator))
