"""Observe, plan, apply; repeat until nothing is left to do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

import msgspec

from gitrain.apply import Outcome, Result, apply
from gitrain.desired import Desired
from gitrain.errors import Exit, RefusedError
from gitrain.observed import Metrics, Observed, Run
from gitrain.plan.actions import Action, Health, Plan, Verb
from gitrain.plan.before import previous_run
from gitrain.plan.kind import kinds_in_plan
from gitrain.plan.reasons import ChangedFiles
from gitrain.plan.runs import compares, counting_run, runs_by_job
from gitrain.workspace import Query, Workspace

CompareTrees = Callable[[str, str], tuple[str, ...] | None]


def observe(workspace: Workspace, desired: Desired) -> Observed:
    """What the workspace reports about everything desired, with the metrics that gates need."""
    query = Query(project=desired.project)
    for kind in kinds_in_plan():
        query = kind.ask(desired, query)
    observed = workspace.observe(query)
    metrics = _gate_metrics(workspace, desired, observed)
    notes = (*observed.notes, *unread_notes(workspace))
    return msgspec.structs.replace(observed, metrics=metrics, notes=notes)


def unread_notes(workspace: Workspace) -> tuple[str, ...]:
    """A note for each run whose metrics were asked for and could not be read."""
    unread = sorted(workspace.unread().items())
    return tuple(f"the metrics of {run_id} are not read: {why}" for run_id, why in unread)


def _gate_metrics(
    workspace: Workspace, desired: Desired, observed: Observed
) -> Mapping[str, Metrics]:
    over: dict[str, Run] = {}
    by_job = runs_by_job(observed.runs)
    for job in desired.jobs:
        if not job.spec.gates:
            continue
        runs = by_job.get(job.name, [])
        run = counting_run(job, runs)
        wanted = [run, previous_run(job.digest, runs) if compares(job) else None]
        over |= {r.id: r for r in wanted if r and not r.phase.live}
    return workspace.summaries(tuple(over.values()))


def changed_files(desired: Desired, observed: Observed, compare: CompareTrees) -> ChangedFiles:
    """The files that differ between each job's source tree and those of its earlier runs."""
    by_job = runs_by_job(observed.runs)
    pairs = {
        (run.identity.parts["code"], job.code.tree)
        for job in desired.jobs
        if job.code and not any(r.digest == job.digest for r in by_job.get(job.name, ()))
        for run in by_job.get(job.name, ())
        if "code" in run.identity.parts and run.identity.parts["code"] != job.code.tree
    }
    compared = {pair: compare(*pair) for pair in sorted(pairs)}
    return {pair: names for pair, names in compared.items() if names is not None}


class Reconciled(msgspec.Struct, frozen=True, kw_only=True):
    """How a reconcile went: the first plan, every outcome, and the plan at the end.

    `timed_out` and `interrupted` say why it ended before everything settled; so do the problems of
    the last plan, when something that came due later was refused.
    """

    first: Plan
    last: Plan
    outcomes: tuple[Outcome, ...]
    waited: bool = False
    timed_out: bool = False
    interrupted: bool = False

    @property
    def exit_code(self) -> Exit:
        """The first that applies, in the order of the design."""
        if self.interrupted:
            return Exit.INTERRUPTED
        if self.timed_out or any(outcome.result is not Result.DONE for outcome in self.outcomes):
            return Exit.ERROR
        if self.last.problems:
            return Exit.REFUSED
        if self.waited and any(row.health is Health.DEGRADED for row in self.last.actions):
            return Exit.RUN_FAILED
        if any(row.verb is Verb.BLOCKED for row in self.last.actions):
            return Exit.BLOCKED
        return Exit.OK


class Loop:
    """Reconciles one workspace: `make` plans it again, `tick` receives every plan made while
    waiting, and `report` every outcome."""

    def __init__(
        self,
        workspace: Workspace,
        make: Callable[[], Plan],
        *,
        report: Callable[[Outcome], None] = lambda _: None,
        tick: Callable[[Plan], None] = lambda _: None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._workspace = workspace
        self._make = make
        self._report = report
        self._tick = tick
        self._stopping = stopping
        self._failed: dict[tuple[str, Verb], str] = {}
        self._canceled: set[str] = set()

    def once(self, first: Plan) -> Reconciled:
        """Apply a plan and return at once."""
        outcomes = self._apply(first)
        return Reconciled(first=first, last=first, outcomes=outcomes, interrupted=self._stopping())

    def settle(self, first: Plan, timeout: float | None = None) -> Reconciled:
        """Apply, then plan again until no job of the plan is live and nothing is left to do.

        A failed action is not tried again: the next reconcile does that. Nor is a cancel sent
        twice: its run may take a while to stop. When a later plan is refused, live runs are still
        waited for.
        """
        deadline = _deadline(timeout)
        outcomes = list(self._apply(first))
        while True:
            latest = self._make()
            self._tick(latest)
            due = self._due(latest)
            if ended := self._ended(first, latest, bool(due), deadline):
                return msgspec.structs.replace(ended, outcomes=tuple(outcomes))
            outcomes += self._apply(msgspec.structs.replace(latest, actions=due))
            self._sleep(deadline)

    def watch(self, timeout: float | None = None) -> Reconciled:
        """Plan again until no job of the plan is live; apply nothing."""
        deadline = _deadline(timeout)
        while True:
            latest = self._make()
            self._tick(latest)
            if ended := self._ended(latest, latest, False, deadline):
                return ended
            self._sleep(deadline)

    def _ended(
        self, first: Plan, latest: Plan, due: bool, deadline: float | None
    ) -> Reconciled | None:
        """The result, if it ends now; None while there is something to do or to wait for."""
        unsettled = due or _live(latest)
        late = deadline is not None and time.monotonic() >= deadline
        if unsettled and not late and not self._stopping():
            return None
        return Reconciled(
            first=first,
            last=latest,
            outcomes=(),
            waited=True,
            timed_out=late and unsettled,
            interrupted=self._stopping(),
        )

    def _apply(self, plan: Plan) -> tuple[Outcome, ...]:
        if plan.problems:
            raise RefusedError(plan.problems)
        outcomes = apply(
            plan,
            self._workspace,
            report=self._report,
            stopping=self._stopping,
            failed=self._failed.values(),
        )
        for action, outcome in zip(plan.writes, outcomes, strict=True):
            if outcome.result is not Result.DONE:
                self._failed[_what(action)] = action.address
            elif action.verb is Verb.CANCEL:
                self._canceled.add(action.run_id)
        return outcomes

    def _due(self, plan: Plan) -> tuple[Action, ...]:
        if plan.problems:
            return ()
        return tuple(
            action
            for action in plan.writes
            if _what(action) not in self._failed
            and not (action.verb is Verb.CANCEL and action.run_id in self._canceled)
        )

    def _sleep(self, deadline: float | None) -> None:
        """Wait before asking the workspace again, but wake soon when asked to stop."""
        until = time.monotonic() + self._workspace.poll
        if deadline is not None:
            until = min(until, deadline)
        while not self._stopping() and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))


def _what(action: Action) -> tuple[str, Verb]:
    return action.address, action.verb


def _deadline(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout


def _live(plan: Plan) -> bool:
    return any(row.run is not None and row.run.live for row in plan.actions)
