"""A clone of a repository that has this repository's own jobs, as Azure is reconciled from one."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.doubles.azure.emulator import Emulator, environment
from tests.promises.command_line.project import Project
from tests.root import ROOT

REPOSITORY = ROOT
PARTS = ("gitrain.yaml", ".gitignore", "jobs", "training")
TORN = shutil.ignore_patterns("__pycache__", "*.pyc", "outputs")


def clone_of_this(folder: Path, emulator: Emulator) -> Project:
    """`folder/pets`: clean, and at the head of the main branch of its remote, a bare repository."""
    project = Project(folder / "pets")
    for part in PARTS:
        source, target = REPOSITORY / part, project.root / part
        if source.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, ignore=TORN)
        else:
            shutil.copy(source, target)
    (project.root / ".azureml").mkdir()
    emulator.write_config(project.root / ".azureml")
    project.commit("Train in Azure ML")
    remote = folder / "remote.git"
    project.git("clone", "-q", "--bare", str(project.root), str(remote))
    shutil.rmtree(project.root)
    project.git("clone", "-q", str(remote), str(project.root), cwd=folder)
    project.variables |= environment(emulator)
    return project
