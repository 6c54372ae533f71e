"""Inputs and outputs: where data may be, and whether anything uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitrain.document import Document, Path
from gitrain.errors import Problem, Severity
from gitrain.expressions import find
from gitrain.graph import as_upstream
from gitrain.manifest import Data, Job, JobSpec
from gitrain.rules.names import Names
from gitrain.rules.references import asset_problem

_DATASTORE = re.compile(r"azureml://datastores/[A-Za-z0-9_]+/paths/\S*")


def data_problems(document: Document, job: Job, names: Names) -> Iterator[Problem]:
    """Paths this workspace cannot reach, and inputs and outputs that nothing uses."""
    for name, value in job.spec.inputs.items():
        if isinstance(value, Data) and as_upstream(value) is None:
            path = ("spec", "inputs", name, "path")
            yield from _path(document, path, value, names)
    yield from _unused(document, job)


def _path(document: Document, path: Path, data: Data, names: Names) -> Iterator[Problem]:
    scheme = data.path.partition("://")[0] if "://" in data.path else ""
    if scheme and scheme != "azureml":
        yield document.marks.problem(
            path,
            "not-supported",
            f"data at {scheme}:// is not supported yet",
            suggestion="copy it to a datastore (azureml://datastores/D/paths/P), or to a folder",
        )
    elif data.path.startswith("azureml:"):
        yield from _azureml(document, path, data, names)
    elif names.kind != "local":
        yield document.marks.problem(
            path,
            "local-path",
            f"{data.path} is a path on your machine; workspace {names.workspace} cannot see it",
            suggestion="write azureml://datastores/D/paths/P or azureml:NAME:VERSION, "
            f"or override it: overrides.{names.workspace}.inputs",
        )


def _azureml(document: Document, path: Path, data: Data, names: Names) -> Iterator[Problem]:
    if names.kind == "local":
        yield document.marks.problem(
            path,
            "not-on-local",
            f"{data.path} is data of Azure ML; workspace {names.workspace} is local",
            suggestion=f"override it (overrides.{names.workspace}.inputs), "
            "or name other workspaces in metadata.workspaces",
        )
    elif data.path.startswith("azureml://") and not data.path.startswith("azureml://registries/"):
        if not _DATASTORE.fullmatch(data.path):
            yield document.marks.problem(
                path,
                "bad-reference",
                f"{data.path} is no path of a datastore",
                suggestion="write azureml://datastores/D/paths/P",
            )
    elif problem := asset_problem(document, path, data.path, "data"):
        yield problem
    if data.fingerprint == "content":
        yield document.marks.problem(
            (*path[:-1], "fingerprint"),
            "fingerprint",
            "a fingerprint by content needs data that is on this machine",
            suggestion="remove it: the path, or the version in it, is the identity",
        )


def unused(spec: JobSpec) -> Iterator[tuple[str, str]]:
    """The inputs and outputs that no text of a job uses, as `inputs` or `outputs` and the name."""
    texts = [spec.command, *map(str, spec.environment_variables.values())]
    used = {(e.scope, e.name) for text in texts for e in find(text)}
    for scope, names in (("inputs", spec.inputs), ("outputs", spec.outputs)):
        yield from ((scope, name) for name in names if (scope, name) not in used)


def _unused(document: Document, job: Job) -> Iterator[Problem]:
    for scope, name in unused(job.spec):
        yield document.marks.problem(
            ("spec", scope, name),
            "unused-input" if scope == "inputs" else "unused-output",
            f"nothing uses {scope}.{name}",
            suggestion=f"write ${{{{{scope}.{name}}}}} in the command, or remove it",
            severity=Severity.WARNING,
        )
