"""One problem code explained, with a project that has the problem and the same one fixed."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

VALIDATE = "gitrain validate"


class Example(msgspec.Struct, frozen=True):
    """A project, and the commands to type in its folder.

    `files` are texts by path, relative to the folder; gitrain.yaml is always one of them.
    A shell runs the `commands` in turn; the last one reports the problem.
    """

    files: Mapping[str, str]
    commands: tuple[str, ...] = (VALIDATE,)


class Row(msgspec.Struct, frozen=True):
    """What a code means (`title`), why gitrain insists on it and what to do (`paragraph`).

    `bad` is the smallest project whose last command reports the code, `good` is the same without
    the problem. If no small project can show it, both are None, and `unshown` says why.
    """

    code: str
    title: str
    paragraph: str
    bad: Example | None = None
    good: Example | None = None
    unshown: str = ""


# What examples are made of -----------------------------------------------------------------------


def resource(kind: str, name: str, spec: str, metadata: str = "") -> str:
    """The text of a manifest; `spec` has the lines below `spec:`, `metadata` additional pairs."""
    lines = "".join(f"  {line}\n" for line in spec.splitlines())
    pairs = f"name: {name}{', ' if metadata else ''}{metadata}"
    head = f"apiVersion: gitrain/v1\nkind: {kind}\nmetadata: {{{pairs}}}\n"
    return f"{head}spec:\n{lines}" if lines else head


def a_job(spec: str, name: str = "train", metadata: str = "") -> str:
    return resource("Job", name, spec, metadata)


def a_project(spec: str = "") -> str:
    return resource("Project", "pets", spec)


PROJECT = a_project()
AZURE = a_project("workspaces: {azure: {type: azureml}}")


def files(texts: Mapping[str, str], *commands: str) -> Example:
    """A project of these files; if they lack a gitrain.yaml, with the shortest one."""
    return Example({"gitrain.yaml": PROJECT, **texts}, commands or (VALIDATE,))


def local(spec: str, metadata: str = "") -> Example:
    """A project with one job, on this machine."""
    return files({"jobs/train.yaml": a_job(spec, metadata=metadata)})


def azure(spec: str, lacking: str = "") -> Example:
    """A project with one job on Azure ML, on existing compute unless that is `lacking`."""
    place = {"compute": "azureml:cpu", "environment": "azureml:sklearn:1"}
    lines = [f"{field}: {value}" for field, value in place.items() if field != lacking]
    return files({"gitrain.yaml": AZURE, "jobs/train.yaml": a_job("\n".join([spec, *lines]))})
