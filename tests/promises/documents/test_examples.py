"""Every YAML example of the README is valid, and together they show every field."""

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
from tests.promises.documents.readme import Block, blocks

EXAMPLES = blocks("yaml")
FILES = [block for block in EXAMPLES if block.file]
FRAGMENTS = [block for block in EXAMPLES if not block.file]

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


def a_job(name: str, spec: Mapping[str, Any], **more: Any) -> str:
    """A manifest that is fit for each of the README's workspaces; JSON is YAML."""
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


@pytest.mark.parametrize("block", FRAGMENTS, ids=lambda block: f"line-{block.line}")
def test_a_fragment_is_valid_in_a_job(block: Block, project):
    fragment = YAML(typ="safe").load(block.text)
    inputs = fragment["spec"].get("inputs", {})
    spec = {"command": " ".join(["echo", *(f"${{{{inputs.{name}}}}}" for name in inputs)])}
    more = {key: value for key, value in fragment.items() if key != "spec"}
    if inputs:
        more["overrides"]["azure-dev"] = more["overrides"]["azure"]
    (project / "jobs" / "fragment.yaml").write_text(a_job("x", spec | fragment["spec"], **more))

    assert problems(project) == ()


@pytest.mark.parametrize("kind", sorted(generate.kinds()))
def test_the_examples_show_every_field(kind):
    shown = set(re.findall(r"[\w]+(?=:)", "\n".join(block.text for block in FILES)))

    assert set(_fields(generate.of_kind(kind))) <= shown


def _fields(root: Mapping[str, Any]) -> Iterator[str]:
    for definition in root["definitions"].values():
        yield from definition.get("properties", {})
