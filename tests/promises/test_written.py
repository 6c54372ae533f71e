"""What runs are written as stays: on users' disks, and on Azure ML.

`written-v1.json` was written by the release that kept an identity's fields in every record.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from gitrain.desired import Code, DataPath, Definition, EnvironmentUse, Text, Upstream
from gitrain.identity import unflat
from gitrain.manifest import JobSpec, Limits, Output, Resources, Value
from gitrain.observed import Phase, Run, Tags
from gitrain.workspace import Adoption, Query, Submission
from gitrain.workspace_types import LocalWorkspace
from gitrain.workspaces.azureml.runs import record as records
from gitrain.workspaces.azureml.runs.answer import runs_of
from gitrain.workspaces.azureml.runs.pieces import joined, unpack
from gitrain.workspaces.folders.layout import Home
from gitrain.workspaces.folders.states import Record, stored
from gitrain.workspaces.local.ledger import tables
from gitrain.workspaces.local.workspace import LocalRuns
from tests.runs import a_run, a_submission, an_adoption
from tests.unit.workspaces.local.place import copy_code

WRITTEN: Mapping[str, Any] = json.loads(Path("tests/written-v1.json").read_text(encoding="utf-8"))
TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
WHAT: Mapping[str, Any] = {
    "job": "fastai-digits",
    "digest": "9f2c1d3e4a5b",
    "attempt": 2,
    "canonical": {
        "command": "python train.py --epochs 8",
        "inputs": {"epochs": "8", "base": {"job": "0123456789ab", "output": "model"}},
        "environment_variables": {"KEY": {"env": "WANDB"}},
        "instance_count": 2,
        "distribution": {"type": "pytorch", "process_count_per_instance": 1},
    },
    "placement": {
        "compute": "gpu-cluster",
        "limits.timeout": 3600,
        "resources.docker_args": ["--ipc", "host"],
        "checkpoints": True,
    },
    "parts": {"code": TREE, "job.pretrain": "0123456789ab"},
}
TAGS = Tags(labels={"team": "vision"}, description="Zürich", display_name="digits", variant=True)
BARE = a_submission(job="bare", digest="a" * 12, canonical={})
FULL = a_submission(
    JobSpec(
        command="python train.py --epochs ${{inputs.epochs}}",
        compute="gpu-cluster",
        outputs={"model": Output()},
        limits=Limits(timeout=3600),
        environment_variables={"KEY": Value(env="WANDB")},
        resources=Resources(docker_args=("--ipc", "host")),
    ),
    **WHAT,
    inputs={
        "epochs": Text("8"),
        "data": DataPath(type="uri_folder", path="data", mode="ro_mount"),
        "base": Upstream(job="pretrain", output="model", run_id="pets-pretrain-0123456789ab-1"),
    },
    environment=EnvironmentUse(
        name="fastai",
        version="0123456789ab",
        definition=Definition(image="python:3.11", conda={"dependencies": ["pip"]}),
    ),
    code=Code(folder="/src/training", tree=TREE),
    tags=TAGS,
    commit="1a2b3c4d5e6f",
    dirty=True,
    forced=True,
)
ADOPTION = an_adoption(
    BARE.run_id, **WHAT, outputs={"model": "/models/1"}, tags=Tags(description="theirs")
)
RECORD = Record(
    phase=Phase.COMPLETED,
    tags=TAGS,
    starts=1,
    group=7,
    exit_code=0,
    submitted_at="2026-01-01T00:00:00.000Z",
    started_at="2026-01-01T00:00:01.000Z",
    ended_at="2026-01-01T00:00:02.000Z",
)


def the_runs(home: Path) -> list[Run]:
    """The runs in a local workspace, those that were written, in their order."""
    workspace = LocalRuns(LocalWorkspace(path=str(home)), home.parent, copy_code)
    runs = workspace.observe(Query(project="pets")).runs
    return [msgspec.structs.replace(run, link="") for run in runs]


def the_expected() -> list[Run]:
    times = {name: getattr(RECORD, name) for name in ("submitted_at", "started_at", "ended_at")}
    ended = {"phase": Phase.COMPLETED, "exit_code": 0, **times}
    bare = a_run(identity=BARE.identity, tags=TAGS, **ended)
    facts = {"commit": FULL.commit, "dirty": True, "forced": True}
    full = a_run(identity=FULL.identity, tags=TAGS, **facts, **ended)
    adopted = msgspec.structs.replace(
        bare,
        identity=ADOPTION.identity,
        adopted_id=BARE.run_id,
        outputs=ADOPTION.outputs,
        tags=ADOPTION.tags,
    )
    return [bare, full, adopted]


def test_files_are_written_as_ever() -> None:
    assert [stored(one).decode() for one in (BARE, FULL)] == WRITTEN["submissions"]
    assert stored(ADOPTION).decode() == WRITTEN["adoption"]
    assert msgspec.json.encode(RECORD).decode() == WRITTEN["record"]


def test_files_are_read_as_ever() -> None:
    bare, full = (unflat(text.encode(), Submission) for text in WRITTEN["submissions"])

    assert (bare, full) == (BARE, FULL)
    assert unflat(WRITTEN["adoption"].encode(), Adoption) == ADOPTION


def test_the_ledger_is_written_as_ever() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(tables.SCHEMA)
        for one in (BARE, FULL):
            tables.insert(connection, one.identity, stored(one), RECORD)
        tables.adopt(connection, ADOPTION)
        connection.commit()

        assert list(connection.iterdump()) == WRITTEN["ledger"]


def test_a_ledger_of_old_is_read(tmp_path: Path) -> None:
    home = tmp_path / ".gitrain"
    home.mkdir()
    with closing(sqlite3.connect(home / "ledger.db")) as connection:
        connection.executescript("\n".join(WRITTEN["ledger"]))
        connection.execute(f"PRAGMA user_version={tables.VERSION}")

    assert the_runs(home) == the_expected()


def test_run_folders_of_old_are_read_when_the_ledger_is_lost(tmp_path: Path) -> None:
    home = Home(tmp_path / ".gitrain")
    for one, text in zip((BARE, FULL), WRITTEN["submissions"], strict=True):
        folder = home.run(one.run_id)
        folder.path.mkdir(parents=True)
        folder.submission.write_text(text, encoding="utf-8")
        folder.record.write_text(WRITTEN["record"], encoding="utf-8")
    adopted = home.adoptions / "pets" / "fastai-digits" / "9f2c1d3e4a5b-2.json"
    adopted.parent.mkdir(parents=True)
    adopted.write_text(WRITTEN["adoption"], encoding="utf-8")

    assert the_runs(home.path) == the_expected()


def test_what_stands_on_a_run_of_azure_ml_is_written_as_ever() -> None:
    for one, was in zip((BARE, FULL), WRITTEN["azureml"]["submissions"], strict=True):
        record = records.record_of(one)
        properties = records.properties(record)
        # Not as it is packed: that is for the library that packs to say.
        assert unpack(joined(records.RECORD, properties)).decode() == was["json"]
        assert records.identity_tags(record) | records.change_tags(one.tags) == was["tags"]

    was = WRITTEN["azureml"]["adoption"]
    properties, pointer = records.adoption(records.record_of(ADOPTION), ADOPTION.tags)
    [key] = [key.rpartition(".")[0] for key in properties if key.endswith(".1")] or list(properties)
    assert unpack(joined(key, properties)).decode() == was["json"]
    # Since then it has a tag more, by which what a job adopted is found.
    assert was["tags"].keys() <= pointer.keys()
    assert [k.rpartition("_")[0] for k in pointer.keys() - was["tags"].keys()] == [
        "gitrain_adopted_by"
    ]


def test_what_stands_on_a_run_of_azure_ml_is_read_as_ever() -> None:
    of_old = WRITTEN["azureml"]
    bare, full = of_old["submissions"]
    body = {"runId": BARE.run_id, "status": "Completed", **_both(bare, of_old["adoption"])}

    own, adopted = runs_of(body, "pets", "")
    [other] = runs_of({**body, "runId": FULL.run_id, **full}, "pets", "")

    assert (own.id, own.identity, own.tags) == (BARE.run_id, BARE.identity, BARE.tags)
    assert (adopted.id, adopted.identity) == (BARE.run_id, ADOPTION.identity)
    assert (adopted.outputs, adopted.tags) == (ADOPTION.outputs, ADOPTION.tags)
    assert (other.id, other.identity, other.tags) == (FULL.run_id, FULL.identity, TAGS)
    assert (other.commit, other.dirty, other.forced) == (FULL.commit, True, True)


def _both(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one[name] | other[name] for name in ("properties", "tags")}
