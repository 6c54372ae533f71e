"""Schema problems in plain words: every one, at its place, with the cure."""

from __future__ import annotations

import copy

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitrain.errors import MAX_PROBLEMS
from gitrain.manifest import Cluster, Environment, Job
from gitrain.schema import check, generate
from gitrain.workspace_types import project_type
from tests.unit.conftest import job

FIELDS = [
    ("experimentname: x", "unknown-field", "experimentname", "did you mean `experiment_name`?"),
    ("services: {}", "not-supported", "services", ""),
    ("queue_settings: {}", "not-supported", "queue_settings", ""),
    ("tags: {a: b}", "not-supported", "tags", "metadata.labels"),
    ("sampling_algorithm: random", "not-supported", "sampling_algorithm", ""),
    ("name: x", "unknown-field", "name", "`metadata`"),
    ("inputs: {d: {type: mltable, path: p}}", "not-supported", "inputs.d.type", "`uri_folder`"),
    ("inputs: {d: {path: p, mode: direct}}", "not-supported", "inputs.d.mode", "`ro_mount`"),
    ("inputs: {d: {type: uri_file}}", "missing-field", "inputs.d.path", "write `path: …`"),
    ("inputs: {d: [1]}", "wrong-type", "inputs.d", ""),
    ("inputs: {d: }", "wrong-type", "inputs.d", "write a value, or remove the key"),
    ("inputs: {a b: 1}", "wrong-format", "inputs.a b", "letters"),
    ("outputs: {m: {type: uri_foldr}}", "wrong-value", "outputs.m.type", "`uri_folder`"),
    ("environment: [a]", "wrong-type", "environment", ""),
    ("environment: {imag: x}", "unknown-field", "environment.imag", "did you mean `image`?"),
    ("distribution: {type: ray}", "not-supported", "distribution.type", "`pytorch`"),
    ("resources: {locations: [a]}", "not-supported", "resources.locations", ""),
    ("resources: {shm_size: 8gb}", "wrong-format", "resources.shm_size", "such as 2g"),
    ("resources: {instance_count: 0}", "out-of-range", "resources.instance_count", "write 1"),
    ('resources: {instance_count: "2"}', "wrong-type", "resources.instance_count", "quotes"),
    ("limits: {timeout: 1h}", "wrong-type", "limits.timeout", "write 3600: the unit is seconds"),
    (
        "limits: {timeout: 30 min}",
        "wrong-type",
        "limits.timeout",
        "the unit is seconds",
    ),
    ("limits: {timeout: long}", "wrong-type", "limits.timeout", "write seconds, such as 3600"),
    ("limits: {timeout: '60'}", "wrong-type", "limits.timeout", "write it without quotes"),
    ("retries: 1h", "wrong-type", "retries", ""),
    ("revision: 2.0", "wrong-type", "revision", "write 2"),
    ("suspend: yes", "wrong-type", "suspend", "write true"),
    ("supersede: Keep", "wrong-value", "supersede", "did you mean `keep`?"),
    ("gates: accuracy > 0.9", "wrong-type", "gates", "`[…]`"),
    ("environment_variables: {A: {envv: X}}", "unknown-field", None, "did you mean `env`?"),
    ('display_name: "a\\nb"', "control-character", "display_name", "one line"),
]


@pytest.mark.parametrize(("text", "code", "path", "cure"), FIELDS, ids=[row[0] for row in FIELDS])
def test_a_wrong_field_is_named_with_its_cure(project, text, code, path, cure):
    project.write(
        "jobs/a.yaml",
        "apiVersion: gitrain/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  command: x\n"
        f"  {text}\n",
    )

    (problem,) = project.loaded().problems

    assert (problem.code, problem.location.line) == (code, 6)
    assert path is None or problem.path == f"spec.{path}"
    assert cure in problem.suggestion
    assert problem.excerpt == f"  {text}"


def test_all_problems_of_a_document_come_at_once(project):
    project.write(
        "jobs/a.yaml", job("a b", "{comand: x, retries: -1}", "overrides: {azur: {}}\nextra: 1\n")
    )

    assert project.found() == [
        "jobs/a.yaml:3:12 wrong-format",
        "jobs/a.yaml:4:1 missing-field",
        "jobs/a.yaml:4:8 unknown-field",
        "jobs/a.yaml:4:19 out-of-range",
        "jobs/a.yaml:5:13 unknown-workspace",
        "jobs/a.yaml:6:1 unknown-field",
    ]


def test_a_union_is_never_dumped(project):
    project.write(
        "gitrain.yaml",
        "apiVersion: gitrain/v1\nkind: Project\nmetadata: {name: p}\nspec:\n  workspaces:\n"
        "    a: {type: azure_ml}\n    b: {slots: 1}\n    c: {type: local, slot: 1}\n    d: x\n",
    )

    problems = project.loaded().problems

    assert [(p.location.line, p.code) for p in problems] == [
        (6, "wrong-value"),
        (7, "missing-field"),
        (8, "unknown-field"),
        (9, "wrong-type"),
    ]
    assert problems[0].suggestion == "did you mean `azureml`?"
    assert problems[2].suggestion == "did you mean `slots`?"


def test_a_secret_is_in_no_message(project):
    project.write(
        "jobs/c.yaml",
        "apiVersion: gitrain/v1\nkind: Cluster\nmetadata: {name: gpu}\nspec:\n"
        "  size: Standard_NC4as_T4_v3\n  max_instances: 1\n"
        "  ssh_settings: {admin_username: me, admin_password: canary}\n",
    )
    project.write(
        "jobs/j.yaml", job("a", "{command: x, environment_variables: {WANDB_API_KEY: [canary]}}")
    )

    problems = project.loaded().problems

    assert len(problems) == 2
    assert "canary" not in repr(problems)


def test_a_hostile_number_of_problems_is_cut(project):
    fields = "".join(f"  field_{i}: 1\n" for i in range(5000))
    project.write("jobs/a.yaml", job("a", f"\n  command: x\n{fields}"))

    problems = project.loaded().problems

    assert len(problems) <= MAX_PROBLEMS + 2
    assert "too-many-problems" in {problem.code for problem in problems}


KINDS = {"Project": project_type(), "Cluster": Cluster, "Environment": Environment, "Job": Job}
META = {"name": "name"}
RIGHT = {
    "Project": {"metadata": META, "spec": {"workspaces": {"w": {"type": "local", "slots": 2}}}},
    "Cluster": {
        "metadata": META,
        "spec": {
            "size": "S",
            "max_instances": 2,
            "identity": {"type": "user_assigned", "user_assigned_identities": ["x"]},
        },
    },
    "Environment": {
        "metadata": META,
        "spec": {
            "conda_file": {"a": [1]},
            "build": {"path": "p"},
            "registry": {"address": "a", "username": {"env": "U"}},
            "environment_variables": {"A": 1, "B": {"env": "C"}},
        },
    },
    "Job": {
        "metadata": {**META, "labels": {"a": "b"}, "workspaces": ["w"]},
        "spec": {
            "command": "x",
            "inputs": {"a": 1, "b": {"path": "p"}, "c": True, "d": 0.5},
            "outputs": {"m": {}},
            "environment": {"image": "i"},
            "distribution": {"type": "mpi"},
            "limits": {"timeout": 3},
            "gates": ["a > 1"],
        },
        "overrides": {"w": {"command": "y"}},
    },
}

ODD = st.sampled_from(
    [
        *(None, True, 0, 1, -1, 2**63, 1.0, 0.5, "", "a", "a b", "x" * 300, "2g", [], ["a"], [1]),
        *({}, {"type": "local"}, {"type": "pytorch"}, {"path": "p"}, {"env": "A"}, {"env": ""}),
    ]
)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_types_and_schema_give_the_same_verdict(data):
    kind = data.draw(st.sampled_from(sorted(KINDS)))
    document = copy.deepcopy({"apiVersion": "gitrain/v1", "kind": kind, **RIGHT[kind]})
    for _ in range(data.draw(st.integers(0, 3))):
        _mutate(data, document)

    typed, findings = check.check(document, KINDS[kind])

    by_schema = check._validator(KINDS[kind]).is_valid(document)
    assert (typed is not None) == by_schema
    assert bool(findings) == (typed is None)


def _mutate(data, document) -> None:
    """Change, add or remove one thing, somewhere."""
    spot = document
    while True:
        inner = spot.values() if isinstance(spot, dict) else spot
        deeper = [value for value in inner if isinstance(value, dict | list) and value]
        if not deeper or data.draw(st.booleans()):
            break
        spot = data.draw(st.sampled_from(deeper))
    if isinstance(spot, list):
        spot[0] = data.draw(ODD)
        return
    key = data.draw(
        st.sampled_from([*(key for key in spot if key != "kind"), "extra", "type", "a b"])
    )
    if key in spot and data.draw(st.integers(0, 3)) == 0:
        del spot[key]
    else:
        spot[key] = copy.deepcopy(data.draw(ODD))


def test_the_gate_costs_nothing_while_all_is_right():
    """jsonschema is what is slow to import; see also tests/unit/load/test_imports.py."""
    value = {"apiVersion": "gitrain/v1", "kind": "Job", **RIGHT["Job"]}

    assert check.check(value, Job) == (msgspec.convert(value, Job), ())
    jsonschema.Draft202012Validator(generate.of_kind("Job")).validate(value)
