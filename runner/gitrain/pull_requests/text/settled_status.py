"""Whether a workspace has settled: a commit status that tells a scheduled workflow in a second
that it has nothing to do."""

from __future__ import annotations

from gitrain.plan.actions import Plan
from gitrain.report.safe import count


def settled_context(workspace: str) -> str:
    """The status's name; advance.yml looks for it."""
    return f"gitrain/settled ({workspace})"


def settled_state(plan: Plan, live: int) -> tuple[str, str]:
    """The status's state and description; `live` counts the live runs, variants included.

    pending: a run is live, or the next reconcile has something to do. failure: it has something to
    do, but is refused or blocked until somebody changes something. success: it has nothing to do,
    even if runs failed.
    """
    due = 0 if plan.problems else len(plan.writes)
    stuck = len(plan.problems) + plan.summary.blocked
    told = [
        f"{live} live" if live else "",
        f"{due} to do" if due else "",
        f"{plan.summary.waiting} waiting" if plan.summary.waiting else "",
        f"{plan.summary.blocked} blocked" if plan.summary.blocked else "",
        f"refused: {count(len(plan.problems), 'reason')}" if plan.problems else "",
    ]
    state = "pending" if live or due else "failure" if stuck else "success"
    return state, ", ".join(filter(None, told)) or "nothing left to do"
