"""What commands have in common: where to run, which workspace, how to print."""

from __future__ import annotations

import functools
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from gitrain.errors import ManifestsError, RefusedError
from gitrain.terminal.invocation import Invocation


def common(*formats: str, workspace: bool = True) -> Callable[[Callable[..., Any]], Any]:
    """Give a command -w, -C, --color, and -o with these formats; it gets them as one Invocation."""

    def decorate(command: Callable[..., Any]) -> Any:
        @functools.wraps(command)
        def wrapped(
            directory: Path, color: str, w: str | None = None, output: str = "text", **rest: Any
        ) -> Any:
            invocation = Invocation(
                directory=directory, workspace=w, output=output, color=_is_colored(color)
            )
            try:
                return command(invocation, **rest)
            except (ManifestsError, RefusedError) as error:
                return _print_problems(invocation, error)

        decorated: Any = wrapped
        for option in reversed(_options(formats, workspace)):
            decorated = option(decorated)
        return decorated

    return decorate


def _print_problems(invocation: Invocation, error: ManifestsError | RefusedError) -> int:
    from gitrain.terminal.printing import print_problems

    print_problems(invocation, error.problems)
    return error.exit_code


def _options(formats: tuple[str, ...], workspace: bool) -> list[Callable[[Any], Any]]:
    options = [
        click.option(
            "-C",
            "directory",
            type=click.Path(exists=True, file_okay=False, path_type=Path),
            default=Path(),
            metavar="DIR",
            help="Run as if started in DIR.",
        ),
        click.option(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            default="auto",
            metavar="WHEN",
            help="Use color: always, never, or auto (on a terminal without NO_COLOR).",
        ),
    ]
    if workspace:
        options.append(
            click.option(
                "-w",
                "--workspace",
                "w",
                metavar="WORKSPACE",
                help="Workspace, as named in gitrain.yaml.",
            )
        )
    if formats:
        options.append(
            click.option(
                "-o",
                "--output",
                type=click.Choice(["text", *formats]),
                default="text",
                metavar="FORMAT",
                help=f"Output format: {', '.join(('text', *formats))}.",
            )
        )
    return options


def _is_colored(color: str) -> bool:
    if color != "auto":
        return color == "always"
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def seconds(written: str) -> float:
    """A length of time on the command line: a finite number of seconds, 0 or more."""
    try:
        found = float(written)
    except ValueError:
        found = math.nan
    if not 0 <= found < math.inf:  # nan is neither
        message = f"{written!r} is not a valid number of seconds: write 0 or more"
        raise click.BadParameter(message)
    return found


def job_name(written: str) -> str:
    """The name of a job, written as reports print it (`Job/NAME`) or without its kind."""
    kind, _, name = written.partition("/")
    return name if name and kind.lower() == "job" else written


def job_argument(name: str = "job", **settings: Any) -> Callable[[Any], Any]:
    """The JOB argument, with shell completion."""
    return click.argument(name, type=job_name, shell_complete=complete_jobs, **settings)


def complete_jobs(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names of jobs, from the manifests of the current folder; none when they cannot be read."""
    del ctx, parameter
    from gitrain.errors import GitrainError
    from gitrain.load.manifests import find_root, load
    from gitrain.yaml.cache import Cache

    try:
        root = find_root(Path())
        manifests = load(root, parser=Cache(root).parse).manifests
    except GitrainError:
        return []
    names = manifests.names("Job") if manifests else ()
    return sorted(name for name in names if name.startswith(incomplete))


def plan_options(command: Callable[..., Any]) -> Any:
    """The flags that shape a plan."""
    for option in reversed(
        (
            click.option(
                "--select",
                multiple=True,
                metavar="PATTERN",
                help="Only these and what they need: NAME, KIND/NAME, a glob, or label=value.",
            ),
            click.option(
                "--prune/--no-prune",
                default=None,
                help="Delete clusters and cancel runs that are in no manifest.",
            ),
            click.option(
                "--replace", is_flag=True, help="Replace clusters that cannot be updated in place."
            ),
            click.option(
                "--force", is_flag=True, help="Override `protect` and the limit on deletions."
            ),
            click.option(
                "--max-submits",
                type=click.IntRange(0),
                metavar="N",
                help="Submit at most N runs in one reconcile.",
            ),
        )
    ):
        command = option(command)
    return command
