"""Carries out a plan. Sees the plan and the workspace, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum

import msgspec

from gitrain.errors import GitrainError
from gitrain.plan.actions import Action, Plan, Verb
from gitrain.workspace import Workspace


class Result(StrEnum):
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one action; `message` says why it failed or was skipped."""

    kind: str
    name: str
    action: Verb
    result: Result
    message: str = ""
    run_id: str = ""


def apply(
    plan: Plan,
    workspace: Workspace,
    *,
    report: Callable[[Outcome], None] = lambda _: None,
    stopping: Callable[[], bool] = lambda: False,
    failed: Iterable[str] = (),
) -> tuple[Outcome, ...]:
    """Carry out every action of the plan, in order; one outcome each.

    When an action fails, independent ones continue; those that need it are skipped, and say so.
    `failed` are the addresses of actions that failed earlier and are not tried again. Once
    `stopping` is true, the action in flight finishes and the others are skipped.
    """
    failed = set(failed)
    outcomes = []
    for action in plan.writes:
        missing = [need for need in action.needs if need in failed]
        if stopping():
            outcome = _outcome(action, Result.SKIPPED, "interrupted")
        elif missing:
            outcome = _outcome(action, Result.SKIPPED, f"needs {', '.join(missing)}")
        else:
            outcome = _carry_out(action, workspace)
        if outcome.result is not Result.DONE:
            failed.add(action.address)
        outcomes.append(outcome)
        report(outcome)
    return tuple(outcomes)


def _carry_out(action: Action, workspace: Workspace) -> Outcome:
    assert action.payload is not None, "what writes has a payload"
    try:
        action.payload.carry_out(workspace)
    except GitrainError as error:
        return _outcome(action, Result.FAILED, str(error))
    return _outcome(action, Result.DONE)


def _outcome(action: Action, result: Result, message: str = "") -> Outcome:
    return Outcome(
        kind=action.kind,
        name=action.name,
        action=action.verb,
        result=result,
        message=message,
        run_id=action.run_id,
    )
