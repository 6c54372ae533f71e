"""A project on disk whose problems are found by the real loader and the real rules."""

from __future__ import annotations

from pathlib import Path

from gitrain.errors import Problem
from gitrain.load.manifests import load
from gitrain.rules.check import check
from gitrain.rules.policy import check_policy

PROJECT = """\
apiVersion: gitrain/v1
kind: Project
metadata: {name: pets}
spec:
  workspaces: {local: {type: local}, azure: {type: azureml}}
"""
CLUSTER = "apiVersion: gitrain/v1\nkind: Cluster\nmetadata: {name: gpu}\n"
ENVIRONMENT = "apiVersion: gitrain/v1\nkind: Environment\nmetadata: {name: env}\n"
# What the jobs of the tests may refer to; `fine` has an output.
AROUND = {
    "gpu": CLUSTER + "spec: {size: Standard_NC4as_T4_v3, max_instances: 2}\n",
    "env": ENVIRONMENT + "spec: {image: i, local: {}}\n",
    "fine": (
        "apiVersion: gitrain/v1\nkind: Job\nmetadata: {name: fine, workspaces: [local, azure]}\n"
        "spec: {command: '${{outputs.m}}', outputs: {m: {}}, compute: gpu, environment: env}\n"
    ),
}


def a_job(spec: str, workspace: str = "azure", name: str = "j") -> str:
    """A job whose spec starts on line 5, with what it refers to left out where it says so."""
    lines = "".join(f"  {line}\n" for line in spec.strip("\n").splitlines())
    return (
        "apiVersion: gitrain/v1\nkind: Job\n"
        f"metadata: {{name: {name}, workspaces: [{workspace}]}}\nspec:\n{lines}"
    )


def a_resource(kind: str, spec: str, name: str = "xy", workspace: str = "azure") -> str:
    return a_job(spec, workspace, name).replace("kind: Job", f"kind: {kind}")


def problems(
    root: Path, *manifests: str, policy: str = "", around: bool = True
) -> tuple[Problem, ...]:
    """All problems of the manifests, which are called m0.yaml, m1.yaml, …"""
    (root / "jobs").mkdir(exist_ok=True)
    (root / "gitrain.yaml").write_text(PROJECT + (f"  policy: {policy}\n" if policy else ""))
    for name, text in AROUND.items() if around else ():
        (root / "jobs" / f"{name}.yaml").write_text(text)
    for index, text in enumerate(manifests):
        (root / "jobs" / f"m{index}.yaml").write_text(text)
    loaded = load(root)
    assert loaded.manifests is not None
    assert [p for p in loaded.problems if p.severity == "error"] == []
    return (*check(loaded.manifests), *check_policy(loaded.manifests))


def told(found: tuple[Problem, ...]) -> list[str]:
    """Each as `file:line:column code: suggestion`."""
    return [f"{p.location} {p.code}: {p.suggestion}".removeprefix("jobs/") for p in found]
