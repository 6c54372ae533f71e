"""Projects whose workspace `azure` is the emulator, and what is true there afterwards."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from gitrain.identity import RunId
from tests.doubles.azure.emulator import Emulator, environment
from tests.promises.command_line.project import Project

CLUSTER = {"size": "Standard_DS3_v2", "max_instances": 4}


def a_project(root: Path, emulator: Emulator, *, git: bool = True, **spec: Any) -> Project:
    """A project with the workspace `azure` as its default, and no manifests yet."""
    azure = {"type": "azureml", "config": ".azureml/config.json", "protect": {"clean": False}}
    azure |= spec.pop("azure", {})
    # Git comes last, so that the folder's first commit has everything.
    project = Project(root, git=False, workspaces={"azure": azure}, **spec)
    project.variables |= environment(emulator)
    (root / ".azureml").mkdir()
    emulator.write_config(root / ".azureml")
    if git:
        project.git("init", "-q", "-b", "main")
        project.commit()
    return project


def write_resources(project: Project, jobs: int = 3) -> None:
    """One cluster, two environments, and jobs that share a source tree."""
    project.manifest("jobs/cpu.yaml", "Cluster", "cpu", CLUSTER)
    for name, image in (("one", "python:3.11"), ("two", "python:3.12")):
        project.manifest(f"jobs/{name}.yaml", "Environment", name, {"image": image})
    project.write(
        "src/train.sh", "mkdir -p outputs; echo '{\"acc\": 0.9}' > outputs/metrics.jsonl\n"
    )
    for number, name in enumerate(("first", "second", "third")[:jobs]):
        project.job(
            name,
            f"sh train.sh {number}",
            code="../src",
            environment=("one", "two")[number % 2],
            compute="cpu",
        )


def jobs_of(emulator: Emulator) -> Counter[str]:
    """How many runs each job has, by the names in the runs' ids."""
    named = (RunId.parse("demo", run_id) for run_id in emulator.state.runs)
    return Counter(one.job for one in named if one)


def broken(emulator: Emulator) -> list[str]:
    """What was asked that the emulator does not know, broke it, or went elsewhere."""
    hosts = [f"asked for {host}" for host in emulator.requests.refused_hosts]
    return [*emulator.unknown, *emulator.defects, *hosts]
