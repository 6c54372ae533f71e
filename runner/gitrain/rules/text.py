"""Strings with a grammar of their own: expressions and gates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from gitrain.document import Document, Path
from gitrain.errors import Problem
from gitrain.expressions import Expression, find, whole
from gitrain.gates import parse_gate
from gitrain.manifest import Job
from gitrain.rules.names import near

_OPTIONAL = re.compile(r"\$\[\[.{0,200}?\$\{\{.*?\]\]", re.S)
_HELP = "use inputs.X, outputs.X, vars.X or, in an input, jobs.J.outputs.X"
_PLACES = "use inputs.X and outputs.X in a job's command and environment_variables, vars.X anywhere"


def text_problems(document: Document, job: Job) -> Iterator[Problem]:
    """Expressions that are not valid where they are, and gates that are not valid."""
    if optional := _OPTIONAL.search(job.spec.command):
        yield document.marks.problem(
            ("spec", "command"),
            "not-supported",
            f"`{optional[0][:60]}`: optional parts of a command are not supported yet",
            suggestion="remove the `$[[` and `]]`, and give each input in it a value",
        )
    for path, text in strings(msgspec.to_builtins(job.spec), ("spec",)):
        if "${{" in text:
            yield from _expressions(document, job, path, text)
    for index, gate in enumerate(job.spec.gates):
        try:
            parse_gate(gate)
        except ValueError as error:
            yield document.marks.problem(
                ("spec", "gates", index),
                "bad-gate",
                f"{gate!r} is not a valid gate",
                suggestion=str(error),
            )


def no_expressions(document: Document) -> Iterator[Problem]:
    """Only jobs have inputs, outputs and upstream jobs; `vars.X` is already filled in."""
    for path, text in strings(msgspec.to_builtins(document.resource.spec), ("spec",)):
        for expression in find(text):
            yield _meaningless(document, path, expression)


def _meaningless(document: Document, path: Path, expression: Expression) -> Problem:
    shown = f"${{{{{expression.text}"
    if not expression.closed:
        message, suggestion = f"{shown} is not closed", "write }} where the expression ends"
    else:
        message, suggestion = f"{shown}}}}} is not valid here", _help(path, expression)
    return document.marks.problem(path, "bad-expression", message, suggestion=suggestion)


def _help(path: Path, expression: Expression) -> str:
    if expression.scope in ("inputs", "outputs"):
        return _PLACES
    if expression.scope == "jobs" and path[1] == "inputs":
        return "an input takes a whole output: remove the text around the expression"
    if expression.scope == "jobs":
        return f"make it an input, spec.inputs.{expression.output}, and use that here"
    return _HELP


def strings(value: dict[str, Any] | list[Any], path: Path) -> list[tuple[Path, str]]:
    """Every string in a JSON value, with its path."""
    found: list[tuple[Path, str]] = []
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, str):
            found.append(((*path, key), inner))
        elif isinstance(inner, (dict, list)):
            found += strings(inner, (*path, key))
    return found


def _expressions(document: Document, job: Job, path: Path, text: str) -> Iterator[Problem]:
    scopes = {"inputs": job.spec.inputs, "outputs": job.spec.outputs}
    in_text = path[1] in ("command", "environment_variables")
    alone = path[1] == "inputs" and whole(text) is not None
    for expression in find(text):
        shown = f"${{{{{expression.text}}}}}"
        if expression.scope in scopes and in_text:
            known = scopes[expression.scope]
            if expression.name not in known:
                yield document.marks.problem(
                    path,
                    "unknown-expression",
                    f"{shown}: {expression.scope}.{expression.name} is not declared",
                    suggestion=near(expression.name, known)
                    or f"declare it under {document.field(f'spec.{expression.scope}')}",
                )
        elif not (expression.scope == "jobs" and alone):
            yield _meaningless(document, path, expression)
