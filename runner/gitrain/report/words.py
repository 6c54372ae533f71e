"""The sentences that all forms of a report share. The frozen ones are a public interface."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from gitrain.apply import Outcome, Result
from gitrain.observed import Phase
from gitrain.plan.actions import Action, Plan, Verb
from gitrain.report.plain import plain

NO_CHANGES = "No changes. The workspace matches the manifests."


def headline(plan: Plan) -> str:
    """`pets → azure (rg-ml/pets-prod) at 1a2b3c4`. `plan.offline` is the ref compared with."""
    place = f" ({plain(plan.place)})" if plan.place else ""
    dirty = " (uncommitted changes)" if plan.dirty else ""
    commit = f" at {plain(plan.commit[:7])}{dirty}" if plan.commit else ""
    offline = f", {offline_note(plan)}" if plan.offline else ""
    return f"{plain(plan.project)} → {plain(plan.workspace)}{place}{commit}{offline}"


def offline_note(plan: Plan) -> str:
    return f"offline: as if all runs of {plain(plan.offline)} had completed"


def summary_line(plan: Plan) -> str:
    """Frozen: the last line of every plan."""
    if plan.settled:
        return NO_CHANGES
    s = plan.summary
    return (
        f"Plan: {s.create} to create, {s.update} to update, {s.replace} to replace, "
        f"{s.delete} to delete; {s.submit} to submit, {s.cancel} to cancel; "
        f"{s.unchanged} unchanged, {s.waiting} waiting, {s.blocked} blocked."
    )


def reconciled_line(outcomes: Iterable[Outcome]) -> str:
    """Frozen: the last line of every reconcile."""
    outcomes = tuple(outcomes)
    done = Counter(one.action for one in outcomes if one.result is Result.DONE)
    results = Counter(one.result for one in outcomes)
    return (
        f"Reconciled: {done[Verb.CREATE] + done[Verb.REGISTER]} created, "
        f"{done[Verb.UPDATE]} updated, {done[Verb.REPLACE]} replaced, {done[Verb.DELETE]} deleted; "
        f"{done[Verb.SUBMIT]} submitted, {done[Verb.CANCEL]} canceled; "
        f"{results[Result.FAILED]} failed, {results[Result.SKIPPED]} skipped."
    )


def gpu_hours_line(plan: Plan) -> str:
    """An upper bound for what the submits take; "" when they take none."""
    if plan.gpu_hours is None:
        return "GPU-hours: no upper bound (a job has no limits.timeout, or its size is not known)"
    return f"GPU-hours: up to {plan.gpu_hours:.10g}" if plan.gpu_hours else ""


def why(row: Action) -> str:
    """A row's reason, with the run where the reason alone would not tell which."""
    if row.verb is Verb.CANCEL:
        return plain(f"{row.reason} ({row.run_id})")
    return plain(row.reason)


def notes(plan: Plan) -> Iterator[str]:
    """The plan's notes, after what is odd about resources that it keeps as they are."""
    for row in plan.actions:
        if row.verb is Verb.KEEP and _hints(row):
            yield plain(f"{row.key}: {row.reason}")
    yield from map(plain, plan.notes)


def _hints(row: Action) -> bool:
    """A completed run whose placement moved, and a cluster of someone else's that differs."""
    kept = row.run is None or row.run.phase is Phase.COMPLETED
    return bool(row.changes) and kept


def stopped(timed_out: bool, interrupted: bool) -> str:
    """Why a reconcile ended before everything settled; "" when it did settle."""
    if interrupted:
        return "Interrupted. What is live goes on; the next reconcile does the rest."
    if timed_out:
        return "--timeout passed. What is live goes on; the next reconcile does the rest."
    return ""
