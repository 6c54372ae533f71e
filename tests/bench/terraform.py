"""The same number of resources for Terraform: `terraform_data`, of its builtin provider.

    python -m tests.bench.terraform PROJECT FOLDER

Two configurations: in `specs` each resource holds what the spec of one of the project's jobs says,
in `words` a single word. One file of static JSON, which Terraform reads fastest, and the state that
an apply would leave, written directly: an apply of a thousand takes minutes. That the state is
right is Terraform's own word: it plans no change.
"""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitrain.yaml.parse import parse


def write(root: Path, inputs: Mapping[str, Any]) -> None:
    """A configuration with one resource for each input, by name, and its state; makes `root`."""
    root.mkdir(parents=True)
    configured = {name: {"input": _escaped(value)} for name, value in inputs.items()}
    _write(root / "main.tf.json", {"resource": {"terraform_data": configured}})
    state = {
        "version": 4,
        "terraform_version": _version(),
        "serial": 1,
        "lineage": str(uuid.uuid4()),
        "outputs": {},
        "resources": [_applied(name, value) for name, value in inputs.items()],
        "check_results": None,
    }
    _write(root / "terraform.tfstate", state)


def _version() -> str:
    asked = subprocess.run(["terraform", "version", "-json"], capture_output=True, check=True)
    return str(json.loads(asked.stdout)["terraform_version"])


def _escaped(value: Any) -> Any:
    """With `${` escaped, so that Terraform does not take it for an expression."""
    return json.loads(json.dumps(value).replace("${", "$${"))


def _applied(name: str, value: Any) -> dict[str, Any]:
    typed = {"value": value, "type": _type(value)}
    attributes = {
        "id": str(uuid.uuid4()),
        "input": typed,
        "output": typed,
        "triggers_replace": None,
    }
    instance = {"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}
    return {
        "mode": "managed",
        "type": "terraform_data",
        "name": name,
        "provider": 'provider["terraform.io/builtin/terraform"]',
        "instances": [instance],
    }


def _type(value: Any) -> Any:
    match value:
        case dict():
            return ["object", {key: _type(item) for key, item in value.items()}]
        case list():
            return ["tuple", [_type(item) for item in value]]
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case _:
            return "string"


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


def inputs(project: Path) -> dict[str, Any]:
    """What the job manifests of a project say in their specs, by file."""
    found = {}
    for file in sorted(project.glob("jobs/sweep*/*.yaml")):
        (document,) = parse(file.read_bytes()).documents
        found[file.stem] = document.value["spec"]
    return found


if __name__ == "__main__":
    specs = inputs(Path(sys.argv[1]))
    write(Path(sys.argv[2]) / "specs", specs)
    write(Path(sys.argv[2]) / "words", dict.fromkeys(specs, "train"))
