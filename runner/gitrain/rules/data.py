"""Inputs and outputs: where data may be, and whether anything uses it."""

from __future__ import annotations

from collections.abc import Iterator

from gitrain import assets
from gitrain.document import Document, Path
from gitrain.errors import Problem, Severity
from gitrain.expressions import find
from gitrain.graph import as_upstream
from gitrain.manifest import Data, Job, JobSpec
from gitrain.rules.names import Names
from gitrain.rules.references import asset_problem, not_there
from gitrain.workspace_types import DataPaths

_UNUSED = {"inputs": "unused-input", "outputs": "unused-output"}


def data_problems(document: Document, job: Job, names: Names) -> Iterator[Problem]:
    """Paths that this workspace cannot reach, and unused inputs and outputs."""
    for name, value in job.spec.inputs.items():
        if isinstance(value, Data) and as_upstream(value) is None:
            path = ("spec", "inputs", name, "path")
            yield from _path(document, path, value, names)
    yield from _unused(document, job)


def _path(document: Document, path: Path, data: Data, names: Names) -> Iterator[Problem]:
    if scheme := assets.foreign_scheme(data.path):
        yield document.marks.problem(
            path,
            "not-supported",
            f"data from {scheme}:// is not supported yet",
            suggestion=f"copy it to a datastore ({assets.DATASTORE}), or to a folder",
        )
    elif assets.is_reference(data.path):
        yield from _reference(document, path, data, names)
    elif names.type.data is not DataPaths.FILES:
        yield document.marks.problem(
            path,
            "local-path",
            f"{data.path} is on this machine, where workspace {names.workspace} cannot read it",
            suggestion=f"write {assets.DATASTORE} or {assets.ASSET}, "
            f"or override it (overrides.{names.workspace}.inputs)",
        )


def _reference(document: Document, path: Path, data: Data, names: Names) -> Iterator[Problem]:
    if names.type.data is not DataPaths.REFERENCES:
        yield not_there(document, path, data.path, names, "inputs")
    elif assets.is_address(data.path) and not assets.is_in_registry(data.path):
        if not assets.is_in_datastore(data.path):
            yield document.marks.problem(
                path,
                "bad-reference",
                f"{data.path} is not a path in a datastore",
                suggestion=f"write {assets.DATASTORE}",
            )
    elif problem := asset_problem(document, path, data.path, "data"):
        yield problem
    if data.fingerprint == "content":
        yield document.marks.problem(
            (*path[:-1], "fingerprint"),
            "fingerprint",
            "fingerprint: content works only for data on this machine",
            suggestion="remove it: the path or its version identifies these data",
        )


def unused(spec: JobSpec) -> Iterator[tuple[str, str]]:
    """The unused inputs and outputs of a job, each as `inputs` or `outputs` and the name."""
    texts = [spec.command, *map(str, spec.environment_variables.values())]
    used = {(e.scope, e.name) for text in texts for e in find(text)}
    for scope, names in (("inputs", spec.inputs), ("outputs", spec.outputs)):
        yield from ((scope, name) for name in names if (scope, name) not in used)


def _unused(document: Document, job: Job) -> Iterator[Problem]:
    for scope, name in unused(job.spec):
        yield document.marks.problem(
            ("spec", scope, name),
            _UNUSED[scope],
            f"{scope}.{name} is not used",
            suggestion=f"write ${{{{{scope}.{name}}}}} in the command, or remove it",
            severity=Severity.WARNING,
        )
