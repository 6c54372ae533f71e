"""What people do to runs outside Git: cancel, adopt."""

from __future__ import annotations

from collections.abc import Mapping

from gitrain.errors import UsageError
from gitrain.observed import Cause
from gitrain.plan.actions import Verb
from gitrain.project.opened import OpenedProject
from gitrain.project.plans import options_of
from gitrain.project.runs import named, runs_of
from gitrain.workspace import Adoption


def cancel(opened: OpenedProject, job: str, run_id: str | None) -> str:
    """Cancel the live runs of a job, or one of them; preempted runs are canceled too."""
    _, runs = runs_of(opened, job)
    chosen = [r for r in (named(runs, run_id) if run_id else runs) if r.phase.live]
    if not chosen:
        raise UsageError(f"job {job} has no live run{f' {run_id}' if run_id else ''}")
    for run in chosen:
        opened.workspace.cancel(run.id, Cause.PERSON)
    return "\n".join(f"{run.id} is being canceled." for run in chosen)


def adopt(opened: OpenedProject, job: str, run_id: str, outputs: Mapping[str, str]) -> str:
    """Record that a completed run has this job's digest."""
    desired = opened.job(job)
    unknown = [name for name in outputs if name not in desired.spec.outputs]
    if unknown:
        raise UsageError(f"job {job} has no output {unknown[0]}")
    made = opened.plan(options_of(opened, {"prune": False}))
    row = next(r for r in made.actions if r.key == f"Job/{job}" and r.verb is not Verb.CANCEL)
    if row.verb in (Verb.KEEP, Verb.UPDATE) and row.run:
        raise UsageError(f"job {job} already has its run: {row.run.id}")
    found = named(opened.workspace.history(opened.desired.project), run_id)
    if len(found) > 1:
        raise UsageError(f"{run_id} is ambiguous: {' or '.join(sorted(run.id for run in found))}?")
    numbers = [
        r.attempt for r in opened.observed.runs if (r.job, r.digest) == (job, desired.digest)
    ]
    adopted = opened.workspace.adopt(
        Adoption(
            run_id=found[0].id if found else run_id,
            identity=desired.identity(opened.desired.project, max(numbers, default=0) + 1),
            outputs=outputs,
        )
    )
    return f"{adopted.id} is now the run of {job} ({desired.digest})."
