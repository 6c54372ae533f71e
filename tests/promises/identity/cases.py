"""Named cases whose digests are frozen in `tests/digests-v1.json`."""

from __future__ import annotations

from typing import Any

from tests.promises.identity.pipeline import a_document

UPSTREAM = a_document(
    "Job",
    "up",
    {
        "command": "make ${{outputs.model}} ${{outputs.table}}",
        "outputs": {"model": {}, "table": {"type": "uri_file"}},
        "compute": "azureml:c",
        "environment": "azureml:e:1",
    },
    workspaces=["azure"],
)
INLINE = {"image": "python:3.11"}
REGISTRY = {"address": "r.azurecr.io", "username": "me", "password": {"env": "P"}}
STORE = "azureml://datastores/d/paths/p"


def inputs(**given: Any) -> dict[str, Any]:
    return {"command": " ".join(f"${{{{inputs.{name}}}}}" for name in given), "inputs": given}


def outputs(**given: Any) -> dict[str, Any]:
    return {"command": " ".join(f"${{{{outputs.{name}}}}}" for name in given), "outputs": given}


# Of each: the spec of the job. Only what the case is about is written.
JOBS: dict[str, dict[str, Any]] = {
    "minimal": {},
    "command": {"command": "python train.py --lr 0.1"},
    "command of several lines": {"command": "set -e\npython train.py\n"},
    "command with unicode": {"command": "echo Zoë 🐈"},
    "literal 8": inputs(x=8),
    "literal 0.001": inputs(x=0.001),
    "literal 1e-5": inputs(x=1e-5),
    "literal 1e20": inputs(x=1e20),
    "literal 8.0": inputs(x=8.0),
    "literal -0.5": inputs(x=-0.5),
    "literal true": inputs(x=True),
    "literal text": inputs(x="a b"),
    "literal empty text": inputs(x=""),
    "two literals": inputs(x=1, y="2"),
    "data on a datastore": inputs(x={"path": STORE}),
    "data that is a file": inputs(x={"path": STORE, "type": "uri_file"}),
    "data that is downloaded": inputs(x={"path": STORE, "mode": "download"}),
    "data that is an asset": inputs(x={"path": "azureml:pets:3"}),
    "output": outputs(m={}),
    "output that is a file": outputs(m={"type": "uri_file"}),
    "output that is uploaded": outputs(m={"mode": "upload"}),
    "two outputs": outputs(m={}, n={}),
    "variables": {"environment_variables": {"A": 1, "B": 0.5, "C": True, "D": "text"}},
    "secret by reference": {"environment_variables": {"HF_TOKEN": {"env": "HF_TOKEN"}}},
    "harmless value": {"environment_variables": {"SORT_KEY": {"value": "name"}}},
    "pytorch": {"distribution": {"type": "pytorch"}},
    "pytorch with two processes": {
        "distribution": {"type": "pytorch", "process_count_per_instance": 2}
    },
    "mpi": {"distribution": {"type": "mpi"}},
    "two instances": {"resources": {"instance_count": 2}},
    "revision 2": {"revision": 2},
    "code": {"code": "../src"},
    "other code": {"code": "../other"},
    "environment of azure": {"environment": "azureml:curated:7"},
    "environment inline": {"environment": INLINE},
    "environment with a registry": {"environment": {**INLINE, "registry": REGISTRY}},
    "output of another job": inputs(x="${{jobs.up.outputs.model}}"),
    "another output of another job": inputs(x="${{jobs.up.outputs.table}}"),
    "downloaded output of another job": inputs(
        x={"path": "${{jobs.up.outputs.model}}", "mode": "download"}
    ),
    "all at once": {
        **inputs(epochs=8, model="${{jobs.up.outputs.model}}", data={"path": STORE}),
        "outputs": {"m": {}},
        "environment_variables": {"A": "${{outputs.m}}", "HF_TOKEN": {"env": "T"}},
        "distribution": {"type": "pytorch", "process_count_per_instance": 4},
        "resources": {"instance_count": 2},
        "revision": 3,
        "code": "../src",
        "environment": INLINE,
    },
}

# On local: paths of the file system.
LOCAL_JOBS: dict[str, dict[str, Any]] = {
    "data by path": inputs(x={"path": "../data"}),
    "data by content": inputs(x={"path": "../data", "fingerprint": "content"}),
    "data file by content": inputs(
        x={"path": "../data/a.txt", "type": "uri_file", "fingerprint": "content"}
    ),
}

ENVIRONMENTS: dict[str, dict[str, Any]] = {
    "image": INLINE,
    "dockerfile": {"dockerfile": "FROM ubuntu\nRUN true\n"},
    "build": {"build": {"path": "../docker"}},
    "build of another dockerfile": {
        "build": {"path": "../docker", "dockerfile_path": "gpu.Dockerfile"}
    },
    "conda file": {"conda_file": "../conda.yml"},
    "conda inline": {"conda_file": {"dependencies": ["python=3.11", {"pip": ["numpy"]}]}},
    "requirements": {**INLINE, "requirements_file": "../requirements.txt"},
    "variables": {**INLINE, "environment_variables": {"A": 1, "T_TOKEN": {"env": "T"}}},
    "registry with a password": {**INLINE, "registry": REGISTRY},
    "registry with a new password": {**INLINE, "registry": {**REGISTRY, "revision": 2}},
    "registry with an identity": {
        **INLINE,
        "registry": {"address": "r.azurecr.io", "identity": {"client_id": "c"}},
    },
}
