"""Waiting for the runs of some jobs, without changing anything."""

from __future__ import annotations

import msgspec

from gitrain.commands.live import Live
from gitrain.commands.printing import render
from gitrain.commands.session import Session
from gitrain.commands.signals import Stopping
from gitrain.plan.actions import Plan, Verb
from gitrain.plan.options import Options
from gitrain.reconcile import Loop


def wait_for(
    session: Session, options: Options, jobs: tuple[str, ...], timeout: float | None = None
) -> int:
    """Look until no run of these jobs is live, print their status, and return the exit code."""
    for job in jobs:
        session.job(job)

    def look() -> Plan:
        made = session.plan(options)
        rows = (row for row in made.actions if row.kind == "Job" and row.name in jobs)
        rows = (row for row in rows if row.verb is not Verb.CANCEL)
        return msgspec.structs.replace(made, actions=tuple(rows), problems=())

    with Stopping() as stopping, Live(session, session.invocation, shown=True) as live:
        ended = Loop(session.workspace, look, tick=live.tick, stopping=stopping).watch(timeout)
    session.invocation.write(render("status", session.invocation, session.status(ended.last)))
    return ended.exit_code
