"""The sentences that all forms of a report share. The frozen ones are a public interface."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from gitrain.apply import Outcome, Result
from gitrain.observed import Phase
from gitrain.plan.actions import Action, Plan, Reused, Verb
from gitrain.plan.reasons import enumerate_
from gitrain.plan.settings import Setting
from gitrain.report.safe import count, plain, value

NO_CHANGES = "No changes. The workspace matches the manifests."


def headline(plan: Plan) -> str:
    """`pets → azure (rg-ml/pets-prod) at 1a2b3c4`. `plan.offline` is the ref compared with."""
    place = f" ({plain(plan.place)})" if plan.place else ""
    dirty = " (uncommitted changes)" if plan.dirty else ""
    commit = f" at {plain(plan.commit[:7])}{dirty}" if plan.commit else ""
    more = f", {offline_note(plan)}" if plan.offline else base_note(plan)
    return f"{plain(plan.project)} → {plain(plan.workspace)}{place}{commit}{more}"


def offline_note(plan: Plan) -> str:
    return f"offline: as if all runs of {plain(plan.offline)} had completed"


def base_note(plan: Plan) -> str:
    """`, compared with origin/main (3 commits behind)`; "" without a base."""
    if plan.base is None:
        return ""
    behind = f" ({count(plan.base.behind, 'commit')} behind)" if plan.base.behind else ""
    return f", compared with {plain(plan.base.ref)}{behind}"


def base_lines(plan: Plan) -> Iterator[str]:
    """What a reader must know about the base: what is pending there, and what changed there."""
    base = plan.base
    if base is None:
        return
    ref = plain(base.ref)
    if base.pending:
        yield f"Already pending on {ref} (not part of this plan): {tally(base.pending)}"
    if base.moved:
        behind = f"{count(base.behind, 'commit')} behind, " if base.behind else ""
        names = plain(enumerate_(base.moved))
        yield f"Changed on {ref} since this branch forked ({behind}not part of this plan): {names}"
    if base.both:
        names = plain(enumerate_(base.both))
        yield f"Changed on {ref} too: {names}; merge {ref} into this branch to see the combination"
    if base.problems:
        reasons = plain(enumerate_([problem.message for problem in base.problems], "; "))
        yield f"Already wrong on {ref}, with or without this branch: {reasons}"


def setting_line(setting: Setting) -> str:
    """`policy.max_gpu_hours 10 → none`, `prune off → on: cancels pets-digits-1a2b-1`."""
    effect = f": {setting.effect}" if setting.effect else ""
    return plain(f"{setting.path} {_set(setting.old)} → {_set(setting.new)}{effect}")


def _set(one: Any) -> str:
    if isinstance(one, bool):
        return "on" if one else "off"
    if isinstance(one, list) and all(isinstance(each, str) for each in one):
        one = ", ".join(one)
    if isinstance(one, float) and one.is_integer():
        one = int(one)  # as it is written in gitrain.yaml
    return value(one or None) if isinstance(one, str) else value(one)


def tally(rows: Iterable[Action]) -> str:
    """`2 submits, 1 create`, in the order of the frozen line."""
    counts = Counter("create" if row.verb is Verb.REGISTER else row.verb.value for row in rows)
    ordered = (verb.value for verb in Verb if counts[verb.value])
    plural = {"waiting": "waiting", "blocked": "blocked"}
    return ", ".join(count(counts[word], word, plural.get(word, "")) for word in ordered)


def reused_line(reused: Reused) -> str:
    """`Job/digits: pets-digits-1a2b-1, which saves up to 4 GPU-hours`."""
    hours = reused.gpu_hours
    saved = f", which saves up to {hours:.10g} GPU-hours" if hours else ""
    return plain(f"Job/{reused.name}: {reused.run_id}{saved}")


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
    """An upper bound for what the submits take, and for what existing runs save; "" for none."""
    hours = [one.gpu_hours for one in plan.base.reused] if plan.base else []
    saved = sum(filter(None, hours))
    more = f" ({count(len(hours), 'run')} reused: saves up to {saved:.10g})" if saved else ""
    if plan.gpu_hours is None:
        what = "no upper bound (a job has no limits.timeout, or its size is unknown)"
        return f"GPU-hours: {what}{more}"
    return f"GPU-hours: up to {plan.gpu_hours:.10g}{more}" if plan.gpu_hours or saved else ""


def why(row: Action) -> str:
    """A row's reason; that of a cancel also names the run."""
    if row.verb is Verb.CANCEL:
        return plain(f"{row.reason} ({row.run_id})")
    return plain(row.reason)


def notes(plan: Plan) -> Iterator[str]:
    """The plan's notes, after remarks about resources that it keeps as they are."""
    for row in plan.actions:
        if row.verb is Verb.KEEP and _hints(row):
            yield plain(f"{row.key}: {row.reason}")
    yield from map(plain, plan.notes)


def _hints(row: Action) -> bool:
    """Whether it is a completed run whose placement changed, or another's cluster that differs."""
    kept = row.run is None or row.run.phase is Phase.COMPLETED
    return bool(row.changes) and kept


def stopped(timed_out: bool, interrupted: bool) -> str:
    """Why a reconcile ended before everything settled; "" when it did settle."""
    if interrupted:
        return "Interrupted. Running jobs continue; run reconcile again to finish."
    if timed_out:
        return "--timeout passed. Running jobs continue; run reconcile again to finish."
    return ""
