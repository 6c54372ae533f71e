"""What people do beside Git: run, rerun, cancel, adopt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from gitrain.apply import Outcome
from gitrain.commands.chosen import runs_of
from gitrain.commands.options import Invocation
from gitrain.commands.planning import options_of
from gitrain.commands.printing import render
from gitrain.commands.session import Session
from gitrain.commands.waiting import wait_for
from gitrain.errors import Exit, ManifestsError, Severity, UsageError
from gitrain.observed import Cause
from gitrain.plan.actions import Action, Plan, Verb
from gitrain.plan.options import Options
from gitrain.reconcile import Loop, Reconciled
from gitrain.report.reconcile_text import outcome_line
from gitrain.workspace import Adoption


def submit(
    invocation: Invocation,
    job: str,
    settings: Mapping[str, Any],
    *,
    wait: bool,
    rerun: bool = False,
) -> int:
    """Submit one job, and the environment version it needs; say what happened."""
    session = Session(invocation) if rerun else _session(invocation, job, settings)
    session.job(job)
    names = frozenset({job})
    options = options_of(session, {"select": (f"Job/{job}",), "prune": False})
    options = msgspec.structs.replace(
        options,
        absent_secrets=session.absent_secrets(),
        by_hand=not rerun,
        retry=names,
        rerun=names if rerun else frozenset(),
    )
    made = session.plan(options)
    row = next(r for r in made.actions if r.key == f"Job/{job}" and r.verb is not Verb.CANCEL)
    options = msgspec.structs.replace(options, retry=frozenset(), rerun=frozenset())
    if row.verb is not Verb.SUBMIT:
        return _not_submitted(session, made, row, options if wait else None)
    ended = _apply(session, _only(made, row))
    if wait and ended.exit_code is Exit.OK:
        return wait_for(session, options, (job,))
    if invocation.output != "text":
        invocation.write(render("reconciled", invocation, ended))
    return ended.exit_code


def _session(invocation: Invocation, job: str, settings: Mapping[str, Any]) -> Session:
    """The project with other values for one job. What they break is said of --set, and not of a
    place in a file that is in order."""
    if not settings:
        return Session(invocation, {job: {}})
    Session(invocation).job(job)
    session = Session(invocation, {job: settings})
    try:
        session.job(job)
    except ManifestsError as error:
        broken = next(p for p in error.problems if p.severity is Severity.ERROR)
        cure = f" ({broken.suggestion})" if broken.suggestion else ""
        raise UsageError(f"--set: {broken.path}: {broken.message}{cure}") from None
    return session


def _only(made: Plan, row: Action) -> Plan:
    """The job's row, and its environment's. A cluster that is missing is reconcile's to make."""
    needed = (f"Cluster/{row.submission.spec.compute}" if row.submission else "",)
    for other in made.actions:
        if other.key in needed and other.verb is Verb.CREATE:
            raise UsageError(
                f"{other.key} does not exist, and run never makes one: reconcile first"
            )
    environment = row.submission.environment if row.submission else None
    keep = tuple(
        other
        for other in made.actions
        if other is row
        or (other.verb is Verb.CANCEL and other.key == row.key)
        or (other.kind == "Environment" and environment and other.digest == environment.version)
    )
    return msgspec.structs.replace(made, actions=keep)


def _apply(session: Session, made: Plan) -> Reconciled:
    invocation = session.invocation

    def report(outcome: Outcome) -> None:
        if invocation.output == "text":
            invocation.write(outcome_line(outcome, invocation.style))

    return Loop(session.workspace, lambda: made, report=report).once(made)


def _not_submitted(session: Session, made: Plan, row: Action, waiting: Options | None) -> int:
    """Say why; a run that is there already can be waited for."""
    kept = row.run if row.verb in (Verb.KEEP, Verb.UPDATE) else None
    why = f"{row.key} is {row.verb.value}: {row.reason}"
    if kept:
        why = f"{kept.id} is {kept.phase.value}: nothing is submitted."
    if session.invocation.output == "text":
        session.invocation.write(why)
    if kept and waiting:
        return wait_for(session, waiting, (row.name,))
    if session.invocation.output != "text":
        only = msgspec.structs.replace(made, actions=(row,))
        ended = Reconciled(first=only, last=only, outcomes=())
        session.invocation.write(render("reconciled", session.invocation, ended))
    return Exit.OK if kept or row.verb is Verb.KEEP else Exit.BLOCKED


def cancel(invocation: Invocation, job: str, run_id: str | None) -> str:
    """Cancel the live runs of a job, or one of them; a preempted run is canceled too."""
    session = Session(invocation)
    _, runs = runs_of(session, job)
    chosen = [r for r in runs if r.phase.live and (run_id is None or r.id == run_id)]
    if not chosen:
        raise UsageError(f"job {job} has no live run{f' {run_id}' if run_id else ''}")
    for run in chosen:
        session.workspace.cancel(run.id, Cause.PERSON)
    return "\n".join(f"{run.id} is being canceled." for run in chosen)


def adopt(invocation: Invocation, job: str, run_id: str, outputs: Mapping[str, str]) -> str:
    """Record that a completed run is this job's digest."""
    session = Session(invocation)
    desired = session.job(job)
    unknown = [name for name in outputs if name not in desired.spec.outputs]
    if unknown:
        raise UsageError(f"job {job} has no output {unknown[0]}")
    made = session.plan(options_of(session, {"prune": False}))
    row = next(r for r in made.actions if r.key == f"Job/{job}" and r.verb is not Verb.CANCEL)
    if row.verb in (Verb.KEEP, Verb.UPDATE) and row.run:
        raise UsageError(f"job {job} has its run already: {row.run.id}")
    numbers = [
        r.attempt for r in session.observed.runs if (r.job, r.digest) == (job, desired.digest)
    ]
    adopted = session.workspace.adopt(
        Adoption(
            run_id=run_id,
            project=session.desired.project,
            job=job,
            digest=desired.digest,
            attempt=max(numbers, default=0) + 1,
            canonical=desired.canonical,
            placement=desired.placement,
            parts=desired.parts,
            outputs=outputs,
        )
    )
    return f"{adopted.id} is now the run of {job} ({desired.digest})."
