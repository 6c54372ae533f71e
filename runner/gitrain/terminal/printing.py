"""Results in the requested format."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

from gitrain.errors import Problem
from gitrain.terminal.invocation import Invocation

# what: format → the function that renders it. A format is imported when it is used.
_RENDERERS: Mapping[str, Mapping[str, str]] = {
    "plan": {
        "text": "text.plan:plan_text",
        "json": "json.encode:plan_json",
        "markdown": "markdown.reports:plan_markdown",
        "github": "annotations:plan_github",
    },
    "reconciled": {
        "text": "text.reconcile:reconciled_text",
        "json": "json.encode:reconciled_json",
        "markdown": "markdown.reports:reconciled_markdown",
        "github": "annotations:reconciled_github",
    },
    "status": {
        "text": "text.status:status_text",
        "json": "json.encode:status_json",
        "markdown": "markdown.reports:status_markdown",
    },
    "files": {
        "text": "text.run_files:files_text",
        "json": "json.encode:files_json",
    },
    "metrics": {
        "text": "text.metrics:metrics_text",
        "json": "json.encode:metrics_json",
        "markdown": "markdown.reports:metrics_markdown",
    },
    "variants": {
        "text": "text.metrics:variants_text",
        "markdown": "markdown.reports:variants_markdown",
    },
    "problems": {
        "text": "text.problems:problems_text",
        "json": "json.encode:problems_json",
        "markdown": "markdown.reports:problems_markdown",
        "github": "annotations:problems_github",
    },
}


def render(what: str, invocation: Invocation, value: Any, *more: Any) -> str:
    """The text of a value in the format of the command line."""
    output = invocation.output if invocation.output in _RENDERERS[what] else "text"
    if output == "github":
        from gitrain.terminal.github_step import where

        return _renderer(what, output)(value, *more, where=where(invocation.directory))
    style = (invocation.style,) if output == "text" else ()
    return _renderer(what, output)(value, *more, *style)


def _renderer(what: str, output: str) -> Callable[..., str]:
    module, _, name = _RENDERERS[what][output].partition(":")
    function: Callable[..., str] = getattr(import_module(f"gitrain.report.{module}"), name)
    return function


def show(what: str, invocation: Invocation, value: Any, *more: Any) -> None:
    """Print a value; with -o github also to the summary of the job."""
    invocation.write(render(what, invocation, value, *more))
    if invocation.output == "github":
        from gitrain.terminal.github_step import add_to_summary, links

        blob = {} if what == "reconciled" else {"blob": links(invocation.directory).blob}
        add_to_summary(lambda limit: _renderer(what, "markdown")(value, *more, limit=limit, **blob))


def print_problems(invocation: Invocation, problems: Iterable[Problem], files: int = 0) -> None:
    """Print problems on stdout: they are the result. `files` is how many were checked."""
    problems = tuple(problems)
    more = () if invocation.output == "json" else (files,)
    show("problems", invocation, problems, *more)
