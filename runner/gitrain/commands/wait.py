"""gitrain wait"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

import click
import msgspec

from gitrain.commands.options import common, job_argument, seconds
from gitrain.errors import Exit
from gitrain.plan.actions import Action, Plan, Verb
from gitrain.plan.options import Options
from gitrain.project.opened import OpenedProject
from gitrain.reconcile import Loop, Reconciled
from gitrain.report.safe import plain
from gitrain.report.sentences import stopped
from gitrain.terminal.invocation import Invocation
from gitrain.terminal.live import Live
from gitrain.terminal.printing import render
from gitrain.terminal.signals import Stopping


@click.command("wait")
@job_argument("jobs", nargs=-1, required=True, metavar="JOB...")
@click.option("--timeout", type=seconds, metavar="SECONDS", help="Stop waiting after SECONDS.")
@common("json", "markdown", "github")
def command(invocation: Invocation, jobs: tuple[str, ...], timeout: float | None) -> int:
    """Wait for the runs of jobs, and the runs they depend on, to finish; then print the status.

    Submits nothing. Exits 7 if a run failed or missed a gate; 1 if a job still has no run, or on
    --timeout.

    \b
    Example:
      gitrain wait fastai-digits --timeout 3600
    """
    return wait_until_run(invocation, jobs, timeout)


def wait_for(
    invocation: Invocation, opened: OpenedProject, options: Options, jobs: Collection[str]
) -> int:
    """Wait until no run of these jobs is live, print their status, and return the exit code."""

    def look() -> Plan:
        made = opened.plan(options)
        return _only(made, (row for row in made.jobs if row.name in jobs))

    ended = _watch(invocation, opened, look, None)
    _print_end(invocation, opened, ended)
    return ended.exit_code


def wait_until_run(invocation: Invocation, jobs: Collection[str], timeout: float | None) -> int:
    """Like `wait_for`, but also waits for live runs that these jobs depend on. A job that then has
    no run, or a preempted one, is an error: whoever waits wants to use what it makes."""
    opened = OpenedProject(invocation)
    for job in jobs:
        opened.job(job)

    def look() -> Plan:
        made = opened.plan(Options())
        return _only(made, _with_awaited(opened, made, jobs))

    ended = _watch(invocation, opened, look, timeout)
    named = tuple(row for row in ended.last.actions if row.name in jobs)
    ended = msgspec.structs.replace(ended, last=_only(ended.last, named))
    _print_end(invocation, opened, ended)
    absent = [row for row in named if row.run is None or row.run.preempted]
    if not absent or ended.interrupted or ended.timed_out:
        return ended.exit_code
    for row in absent:
        lacks = "has not finished" if row.run else "has no run"
        click.echo(plain(f"error: {row.key} {lacks}: {_why_none(row)}"), err=True)
    return Exit.ERROR


def _with_awaited(opened: OpenedProject, made: Plan, jobs: Iterable[str]) -> Iterator[Action]:
    """The rows of these jobs and of those they wait for, in the order of the plan."""
    rows = {row.name: row for row in made.jobs}
    found: set[str] = set()
    left = list(jobs)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            if rows[name].verb is Verb.WAITING:
                left += opened.job(name).upstream
    return (row for row in rows.values() if row.name in found)


def _only(made: Plan, rows: Iterable[Action]) -> Plan:
    return msgspec.structs.replace(made, actions=tuple(rows), problems=())


def _watch(
    invocation: Invocation,
    opened: OpenedProject,
    look: Callable[[], Plan],
    timeout: float | None,
) -> Reconciled:
    with Stopping() as stopping, Live(opened, invocation, shown=True) as live:
        return Loop(opened.workspace, look, tick=live.tick, stopping=stopping).watch(timeout)


def _print_end(invocation: Invocation, opened: OpenedProject, ended: Reconciled) -> None:
    """The status and, for people, why the wait ended early."""
    invocation.write(render("status", invocation, opened.status(ended.last)))
    ending = stopped(ended.timed_out, ended.interrupted)
    if ending and invocation.output == "text":
        invocation.write(f"\n{invocation.style(ending, 'yellow')}")


def _why_none(row: Action) -> str:
    """Why a job has no run that has finished or will, and how to get one."""
    if row.verb is Verb.KEEP:
        return f"it is suspended; {unsuspend(row.name)}"
    cure = "" if row.verb is Verb.BLOCKED else "; gitrain reconcile submits it"
    return f"{row.verb.value}: {row.reason}{cure}"


def unsuspend(job: str) -> str:
    """How to get a run of a suspended job."""
    return f"remove `suspend`, or gitrain run {job} --set suspend=false"
