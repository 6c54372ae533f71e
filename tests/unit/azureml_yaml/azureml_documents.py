"""Azure ML documents as the loader would see them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from ruamel.yaml import YAML

from gitrain.azureml_yaml import Translation, translate
from gitrain.document import Document, Marks
from gitrain.errors import Location
from gitrain.manifest import type_of
from tests.root import ROOT

EXAMPLES = Path(__file__).parent / "examples"
COLLECTION = ROOT.parent / "shared" / "data" / "az-ml"

SCHEMA = "https://azuremlschemas.azureedge.net/latest/{}.schema.json"
INLINE = {"image": "python:3.11"}


def parsed(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def parsed_by_azure(text: str) -> Any:
    """Azure ML's CLI reads YAML 1.1."""
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 1)
    return yaml.load(text)


def a_job(**fields: Any) -> dict[str, Any]:
    return {
        "$schema": SCHEMA.format("commandJob"),
        "command": "python train.py",
        "environment": INLINE,
        **fields,
    }


def an_environment(**fields: Any) -> dict[str, Any]:
    return {"$schema": SCHEMA.format("environment"), "name": "sklearn", **fields}


def a_cluster(**fields: Any) -> dict[str, Any]:
    return {"type": "amlcompute", "name": "cpu-cluster", **fields}


def spec_of(value: dict[str, Any], file: str = "jobs/train.yml") -> dict[str, Any]:
    """The translated spec of a document that nothing is to be said of."""
    translation = translate(value, file)
    assert translation.problems == ()
    assert translation.document is not None
    return translation.document["spec"]


def document_of(translation: Translation, file: str) -> Document:
    """The document behind a translation; fails when it is not as the schema wants it."""
    assert translation.document is not None
    type_ = type_of(translation.document["kind"])
    resource = msgspec.convert(translation.document, type_)
    return Document(resource, file, Marks({(): Location(file)}), azureml=True)


def document_from(value: dict[str, Any], file: str = "jobs/train.yml") -> Document:
    return document_of(translate(value, file), file)


def a_manifest(kind: str, file: str = "jobs/train.yaml", **parts: Any) -> Document:
    """A manifest in gitrain's own language."""
    name = {"Job": "train", "Environment": "sklearn", "Cluster": "cpu-cluster"}[kind]
    required = {
        "Job": {"command": "true"},
        "Environment": {},
        "Cluster": {"size": "S", "max_instances": 1},
    }
    value = {
        "apiVersion": "gitrain/v1",
        "kind": kind,
        "metadata": {"name": name, **parts.pop("metadata", {})},
        "spec": required[kind] | parts.pop("spec", {}),
        **parts,
    }
    return Document(msgspec.convert(value, type_of(kind)), file, Marks({(): Location(file)}))
