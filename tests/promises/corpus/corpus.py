"""The corpus: a project with every field of every kind, loaded through the whole real pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from gitrain.desired import Desired
from gitrain.errors import Problem
from gitrain.load.files import read_files
from gitrain.load.manifests import Loaded, load
from gitrain.project.identities import identities
from gitrain.resolve import Kind, resolve
from gitrain.rules.check import check
from gitrain.source import Sources

HERE = Path(__file__).parent
ROOT = HERE / "project"
GOLDEN = HERE / "digests.json"
PROJECTS = sorted((HERE / "projects").glob("*.yaml"))
WORKSPACES: dict[str, Kind] = {"local": "local", "azure": "memory"}


def manifest_files() -> list[str]:
    """The files of the corpus that hold manifests, relative to its root."""
    files = sorted(ROOT.glob("jobs/**/*.y*ml"))
    return [f.relative_to(ROOT).as_posix() for f in files if f.name != "conda.yml"]


@cache
def loaded() -> Loaded:
    return load(ROOT)


@cache
def problems() -> tuple[Problem, ...]:
    """All that loading and the rules find in the corpus, and in the files that it names."""
    manifests = loaded().manifests
    assert manifests is not None
    found = [*loaded().problems, *check(manifests)]
    for name in WORKSPACES:
        found += read_files(manifests.documents(name), ROOT, local=name == "local")[1]
    return tuple(found)


@cache
def wanted(workspace: str) -> Desired:
    """What should exist in one of the two workspaces."""
    manifests = loaded().manifests
    assert manifests is not None
    documents = manifests.documents(workspace)
    files, _ = read_files(documents, ROOT, local=workspace == "local")
    files, wrong = identities(documents, files, Sources(ROOT, ["jobs"]))
    assert wrong == ()
    return resolve(manifests, workspace, files, kind=WORKSPACES[workspace])


def names(workspace: str, file: str) -> list[str]:
    """What a file describes in a workspace, as patterns for --select."""
    manifests = loaded().manifests
    assert manifests is not None
    found = [d for d in manifests.documents(workspace) if d.file == file]
    return [f"{document.kind}/{document.name}" for document in found]


def raw(path: Path) -> Iterator[dict[str, Any]]:
    """The documents of a file as they are written."""
    yield from YAML(typ="safe", pure=True).load_all(path.read_text())


def digests() -> dict[str, dict[str, str]]:
    """The digest of each job and the version of each environment, by workspace."""
    return {
        name: {
            **{f"Job/{job.name}": job.digest for job in wanted(name).jobs},
            **{f"Environment/{e.name}/{e.version}": e.version for e in wanted(name).environments},
        }
        for name in WORKSPACES
    }
