"""How a reconcile went, as text."""

from __future__ import annotations

from gitrain.apply import Outcome, Result
from gitrain.plan.actions import Verb
from gitrain.reconcile import Reconciled
from gitrain.report.plain import plain
from gitrain.report.problems_text import problem_lines
from gitrain.report.tables import Style, unstyled
from gitrain.report.words import reconciled_line, stopped

PAST = {
    Verb.CREATE: "created",
    Verb.REGISTER: "registered",
    Verb.UPDATE: "updated",
    Verb.REPLACE: "replaced",
    Verb.DELETE: "deleted",
    Verb.SUBMIT: "submitted",
    Verb.CANCEL: "canceled",
}


def outcome_line(outcome: Outcome, style: Style = unstyled) -> str:
    """`✓ Job/digits submitted (pets-digits-…-1)`, `✗ Cluster/gpu not created: the quota …`."""
    name = plain(f"{outcome.kind}/{outcome.name}")
    word = PAST.get(outcome.action, outcome.action.value)
    if outcome.result is Result.DONE:
        run = style(f" ({plain(outcome.run_id)})", "dim") if outcome.run_id else ""
        return f"{style('✓', 'green')} {name} {word}{run}"
    if outcome.result is Result.SKIPPED:
        return f"{style('✗', 'yellow')} {name} skipped, not {word}: {plain(outcome.message)}"
    return f"{style('✗', 'red')} {name} not {word}: {plain(outcome.message)}"


def reconciled_text(
    reconciled: Reconciled, style: Style = unstyled, *, outcomes: bool = True
) -> str:
    """A line an outcome, and the frozen last line. Without `outcomes` for those who have seen them
    go by."""
    lines = [outcome_line(one, style) for one in reconciled.outcomes] if outcomes else []
    ending = stopped(reconciled.timed_out, reconciled.interrupted)
    blocks = (
        "\n".join(lines),
        style(ending, "yellow") if ending else "",
        "\n".join(line for one in reconciled.last.problems for line in problem_lines(one, style)),
        style(reconciled_line(reconciled.outcomes), "bold"),
    )
    return "\n\n".join(filter(None, blocks)) + "\n"
