"""Which run a command is about."""

from __future__ import annotations

from collections.abc import Iterable

import click

from gitrain.errors import UsageError
from gitrain.observed import Run
from gitrain.plan.actions import Plan
from gitrain.plan.before import latest
from gitrain.plan.options import Options
from gitrain.project.opened import OpenedProject
from gitrain.report.text.status import run_name

run_option = click.option(
    "--run", "run_id", metavar="RUN_ID", help="A particular run, instead of the one that counts."
)


def runs_of(opened: OpenedProject, job: str) -> tuple[Plan, list[Run]]:
    """A plan, and all runs of a job, even of one that is no longer in any manifest.

    Raises UsageError when the job does not exist or has no run.
    """
    made = opened.plan(Options())
    runs = list(opened.workspace.history(opened.desired.project, job))
    if not runs:
        opened.job(job)
        raise UsageError(f"job {job} has no run in workspace {opened.workspace_name} yet")
    return made, runs


def named(runs: Iterable[Run], run_id: str) -> list[Run]:
    """The run with this id, else all runs that reports show by this name: DIGEST-ATTEMPT."""
    runs = list(runs)
    return [r for r in runs if r.id == run_id] or [r for r in runs if run_name(r) == run_id]


def chosen_run(opened: OpenedProject, job: str, run_id: str | None) -> tuple[Run, list[Run]]:
    """The requested run, else the one that counts, else the last; and all runs of the job."""
    made, runs = runs_of(opened, job)
    if run_id:
        found = named(runs, run_id)
        if not found:
            raise UsageError(
                f"job {job} has no run {run_id}; it has: {', '.join(r.id for r in runs)}"
            )
        return found[0], runs
    rows = [row for row in made.jobs if row.name == job]
    counting = rows[0].run if rows else None
    run = counting or latest(runs)
    assert run
    return run, runs
