"""Secrets must be references: a literal that looks like, or is named like, a secret is refused."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from gitrain.document import Document, Path
from gitrain.errors import Problem
from gitrain.expressions import literal
from gitrain.manifest import Environment, EnvironmentSpec, Job, JobSpec, Value
from gitrain.rules.text import strings
from gitrain.secrets.forms import is_secret_key, may_hold_secret, why_secret, why_secret_text

_VARIABLES = (("spec", "environment_variables"), ("spec", "environment", "environment_variables"))


def secret_problems(document: Document) -> Iterator[Problem]:
    """Literals with names of secrets, and strings that look like tokens; never quotes them."""
    resource = document.resource
    if isinstance(resource, Job):
        yield from _variables(document, resource.spec, ("spec",))
        if isinstance(resource.spec.environment, EnvironmentSpec):
            yield from _variables(document, resource.spec.environment, ("spec", "environment"))
    elif isinstance(resource, Environment):
        yield from _variables(document, resource.spec, ("spec",))
    named = {"spec": resource.spec, "metadata": resource.metadata}
    inputs = resource.spec.inputs if isinstance(resource, Job) else ()
    if not any(map(is_secret_key, inputs)) and not may_hold_secret(msgspec.json.encode(named)):
        return
    for path, text in strings(msgspec.to_builtins(named), ()):
        if not _is_variable(path) and (why := _why(path, text)):
            yield _problem(document, path, why)


def _is_variable(path: Path) -> bool:
    """A literal variable, which is checked by name, or a Value, which is declared harmless."""
    return path[:-1] in _VARIABLES or (path[:-2] in _VARIABLES and path[-1] == "value")


def _why(path: Path, text: str) -> str | None:
    if len(path) == 3 and path[1] == "inputs" and "${{" not in text:
        return why_secret(str(path[2]), text)
    return why_secret_text(text)


def _variables(
    document: Document, spec: JobSpec | EnvironmentSpec, path: Path
) -> Iterator[Problem]:
    for name, value in spec.environment_variables.items():
        here = (*path, "environment_variables", name)
        if isinstance(value, Value):
            if (value.env is None) == (value.value is None):
                yield document.marks.problem(
                    here,
                    "bad-value",
                    f"{name} needs either env or value",
                    suggestion="write {env: NAME} for a secret, {value: …} for a harmless literal",
                )
        elif not isinstance(value, bool) and (why := why_secret(name, literal(value))):
            yield _problem(document, here, why)


def _problem(document: Document, path: Path, why: str) -> Problem:
    problem = document.marks.problem(
        path,
        "literal-secret",
        why,
        suggestion="write {env: NAME} and set NAME where reconcile runs"
        if path[:-1] in _VARIABLES
        else "remove it from the manifest",
    )
    # The source line contains the secret itself.
    return msgspec.structs.replace(problem, excerpt="")
