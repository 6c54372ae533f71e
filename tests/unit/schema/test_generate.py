"""The committed JSON Schemas are those of the types, and every editor can read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from gitrain.schema import generate

FOLDER = generate.data("schemas") / "v1"
REMEDY = (
    "run: .venv/bin/python -c "
    "\"from gitrain.schema import generate; generate.write(generate.data('schemas') / 'v1')\""
)


@pytest.mark.parametrize("name", sorted(generate.files()))
def test_the_committed_schemas_are_current(name):
    file = FOLDER / name

    assert file.is_file(), REMEDY
    assert file.read_text(encoding="utf-8") == generate.files()[name], REMEDY


@pytest.mark.parametrize("text", generate.files().values(), ids=generate.files())
def test_a_schema_is_valid_in_both_dialects(text):
    Draft7Validator.check_schema(json.loads(text))
    Draft202012Validator.check_schema(json.loads(text))


@pytest.mark.parametrize("text", generate.files().values(), ids=generate.files())
def test_no_reference_has_siblings(text):
    for part in _parts(json.loads(text)):
        assert "$ref" not in part or set(part) == {"$ref"}


@pytest.mark.parametrize("kind", sorted(generate.kinds()))
def test_every_field_has_a_description(kind):
    for name, part in generate.of_kind(kind)["definitions"].items():
        for field, described in part.get("properties", {}).items():
            if field not in ("kind", "type", "metadata", "spec"):
                assert described.get("description"), f"{name}.{field}"


@pytest.mark.parametrize("dialect", [Draft7Validator, Draft202012Validator])
def test_the_schema_of_any_manifest_goes_by_its_kind(dialect):
    validator = dialect(generate.manifest())
    job = {
        "apiVersion": "gitrain/v1",
        "kind": "Job",
        "metadata": {"name": "a"},
        "spec": {"command": "x"},
    }

    assert validator.is_valid(job)
    assert not validator.is_valid({**job, "spec": {}})
    assert not validator.is_valid({**job, "kind": "Cluster"})
    assert not validator.is_valid({**job, "kind": "Jb"})


def test_write_writes_all_files(tmp_path):
    generate.write(tmp_path / "v1")

    assert {path.name for path in (tmp_path / "v1").iterdir()} == set(generate.files())


def _parts(schema_: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema_, dict):
        yield schema_
    for part in schema_.values() if isinstance(schema_, dict) else schema_:
        if isinstance(part, dict | list):
            yield from _parts(part)
