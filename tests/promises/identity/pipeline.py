"""Digests as a user gets them: real files, loaded, read and resolved."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitrain.desired import Desired, DesiredJob
from gitrain.errors import has_errors
from gitrain.load.files import read_files
from gitrain.load.manifests import load
from gitrain.project.identities import identities
from gitrain.resolve import resolve
from gitrain.rules.check import check
from gitrain.source import Sources

WORKSPACES = {
    "local": {"type": "local"},
    "azure": {"type": "azureml", "vars": {"epochs": 8}},
    "other": {"type": "azureml"},
}
FILES = {
    "src/train.py": "train\n",
    "src/data.py": "data\n",
    "other/train.py": "other\n",
    "docker/Dockerfile": "FROM ubuntu\n",
    "docker/gpu.Dockerfile": "FROM nvidia\n",
    "data/a.txt": "a\n",
    "data/b.txt": "b\n",
    "copy/a.txt": "a\n",
    "copy/b.txt": "b\n",
    "conda.yml": "name: c\ndependencies: [python=3.11]\n",
    "conda-same.yml": "# the same\ndependencies:\n  - python=3.11\nname: c\n",
    "requirements.txt": "numpy==2.1\n",
    "requirements-crlf.txt": "numpy==2.1\r\n",
}
MINIMAL: dict[str, Any] = {"command": "true", "compute": "azureml:c", "environment": "azureml:e:1"}


def a_document(kind: str, name: str, spec: Mapping[str, Any], **metadata: Any) -> str:
    document = {"kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}
    # JSON is YAML too.
    return json.dumps({"apiVersion": "gitrain/v1", **document}, ensure_ascii=False)


def resolved(
    root: Path,
    *documents: str,
    workspace: str = "azure",
    project: str = "pets",
    files: Mapping[str, str] | None = None,
) -> Desired:
    """The documents, one a file in jobs/, as they should exist in one workspace."""
    spec = {"workspaces": WORKSPACES, "defaults": {}}
    write(root / "gitrain.yaml", a_document("Project", project, spec))
    for index, document in enumerate(documents):
        write(root / "jobs" / f"{index}.yaml", document)
    for name, text in {**FILES, **(files or {})}.items():
        write(root / name, text)
    loaded = load(root)
    assert loaded.manifests is not None
    assert not has_errors([*loaded.problems, *check(loaded.manifests)]), loaded.problems
    mine = loaded.manifests.documents(workspace)
    read, problems = read_files(mine, root, local=workspace == "local")
    read, more = identities(mine, read, Sources(root, ["jobs"]))
    assert not [*problems, *more]
    return resolve(loaded.manifests, workspace, read)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def a_job(root: Path, spec: Mapping[str, Any], *others: str, **given: Any) -> DesiredJob:
    """The job `j` of this spec, resolved."""
    metadata = {"workspaces": [given.get("workspace", "azure")], **given.pop("metadata", {})}
    name = given.pop("name", "j")
    document = a_document("Job", name, {**MINIMAL, **spec}, **metadata)
    jobs = {job.name: job for job in resolved(root, document, *others, **given).jobs}
    return jobs[name]


def a_version(root: Path, spec: Mapping[str, Any], **given: Any) -> str:
    """The version of an environment of this definition."""
    document = a_document("Environment", "e", spec, workspaces=["azure"])
    return resolved(root, document, **given).environments[0].version
