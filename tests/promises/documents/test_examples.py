"""Every manifest that a document shows is valid, and together they show every field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from gitrain.errors import Problem
from gitrain.load.manifests import load
from gitrain.rules.check import check
from gitrain.rules.policy import check_policy
from gitrain.schema import generate
from tests.promises.documents.pages import DOCS, PAGES, README, ROOT, Block, blocks, read
from tests.promises.documents.tutorial import TUTORIAL

REFERENCE = DOCS / "reference" / "manifests.md"
JOB = "jobs/fastai-digits.yaml"

# What the examples refer to and do not show.
BESIDE = {
    "jobs/environments/conda.yaml": "dependencies: [python=3.11]\n",
    "jobs/environments/requirements.txt": "numpy\n",
    "jobs/environments/image/Dockerfile.gpu": "FROM ubuntu:24.04\n",
    "training/train.py": "",
    "data/pets/a.jpg": "",
    "data/digits/a.png": "",
}
PRETRAIN = {"command": "echo > ${{outputs.model}}/x", "outputs": {"model": {}}}
CHECKS = {"command": "true"}
WORKSPACES = ["local", "azure", "azure-dev"]


def parts(text: str) -> list[dict[str, Any]]:
    """The YAML documents of a block."""
    return list(YAML(typ="safe").load_all(text))


def is_manifest(block: Block) -> bool:
    """Whether it is gitrain's, and no CI's: of a manifest, of part of one, or Azure ML's own."""
    return any({"apiVersion", "$schema", "spec"} & set(part) for part in parts(block.text))


# The README's manifest and the tutorial's are files that exist, and are held against them.
SHOWN = [
    block
    for page in PAGES
    if page not in (README, TUTORIAL)
    for block in blocks("yaml", page=page)
    if is_manifest(block)
]
FILES = [block for block in SHOWN if block.file]
FRAGMENTS = [block for block in SHOWN if not block.file]


def a_job(name: str, spec: Mapping[str, Any], **more: Any) -> str:
    """A manifest that is fit for each of the examples' workspaces; JSON is YAML."""
    fit = {"environment": "fastai", "compute": "gpu-cluster", **spec}
    metadata = {"name": name, "workspaces": WORKSPACES}
    head = {"apiVersion": "gitrain/v1", "kind": "Job", "metadata": metadata}
    return json.dumps({**head, "spec": fit, **more})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of all the examples that are whole files."""
    files = {
        **BESIDE,
        "jobs/pretrain.yaml": a_job("pretrain", PRETRAIN),
        "jobs/checks.yaml": a_job("checks", CHECKS),
        **{block.file: block.text for block in FILES},
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def problems(root: Path) -> tuple[Problem, ...]:
    """All that `gitrain validate` would report."""
    loaded = load(root)
    if loaded.manifests is None:
        return loaded.problems
    return (*loaded.problems, *check(loaded.manifests), *check_policy(loaded.manifests))


def test_no_two_examples_are_one_file():
    names = [block.file for block in FILES]

    assert len(names) == len(set(names))


def test_the_whole_files_are_valid_together(project):
    assert problems(project) == ()


def _of_project(fragment: Mapping[str, Any]) -> bool:
    return set(fragment["spec"]) <= set(_fields_of("ProjectSpec", "Project"))


@pytest.mark.parametrize("block", FRAGMENTS, ids=lambda block: block.place)
def test_a_fragment_is_valid_where_it_belongs(block: Block, project):
    """In `gitrain.yaml`, or in a job."""
    (fragment,) = parts(block.text)
    if _of_project(fragment):
        file = project / "gitrain.yaml"
        (whole,) = parts(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps(_merged(whole, fragment)), encoding="utf-8")
    else:
        _add_job(project, fragment)

    assert problems(project) == ()


def _merged(whole: Any, part: Any) -> Any:
    """As overrides are: maps merge, everything else is replaced."""
    if not (isinstance(whole, dict) and isinstance(part, dict)):
        return part
    return {**whole, **{name: _merged(whole.get(name), value) for name, value in part.items()}}


def _add_job(project: Path, fragment: Mapping[str, Any]) -> None:
    inputs = fragment["spec"].get("inputs", {})
    spec = {"command": " ".join(["echo", *(f"${{{{inputs.{name}}}}}" for name in inputs)])}
    more = {key: value for key, value in fragment.items() if key != "spec"}
    if inputs:
        more["overrides"]["azure-dev"] = more["overrides"]["azure"]
    (project / "jobs" / "fragment.yaml").write_text(a_job("x", spec | fragment["spec"], **more))


@pytest.mark.parametrize("kind", sorted(generate.kinds()))
def test_the_reference_shows_every_field(kind):
    whole = [block.text for block in blocks("yaml", page=REFERENCE)]
    shown = set(re.findall(r"[\w]+(?=:)", "\n".join(whole)))

    assert set(_fields(generate.of_kind(kind))) <= shown


def _fields(root: Mapping[str, Any]) -> Iterator[str]:
    for definition in root["definitions"].values():
        yield from definition.get("properties", {})


def _fields_of(definition: str, kind: str) -> Iterator[str]:
    yield from generate.of_kind(kind)["definitions"][definition]["properties"]


def test_the_readme_shows_a_manifest_that_exists():
    """It may leave fields out, and changes none."""
    (block,) = blocks("yaml", page=README)
    (shown,) = parts(block.text)
    (whole,) = parts((ROOT / JOB).read_text(encoding="utf-8"))

    assert f"({JOB})" in read(README)
    assert set(shown) <= set(whole)
    assert shown["metadata"].items() <= whole["metadata"].items()
    assert shown["spec"].items() <= whole["spec"].items()
