"""How a reconcile went, as text."""

from __future__ import annotations

from collections.abc import Iterator

from gitrain.apply import Outcome, Result
from gitrain.plan.actions import SYMBOLS, Action, Health, Verb
from gitrain.reconcile import Reconciled
from gitrain.report.safe import plain
from gitrain.report.sentences import reconciled_line, stopped
from gitrain.report.text.columns import Style, unstyled
from gitrain.report.text.problems import problem_lines

PAST = {
    Verb.CREATE: "created",
    Verb.REGISTER: "registered",
    Verb.UPDATE: "updated",
    Verb.REPLACE: "replaced",
    Verb.DELETE: "deleted",
    Verb.SUBMIT: "submitted",
    Verb.CANCEL: "canceled",
}
HELD = (Verb.BLOCKED, Verb.WAITING)


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


def left(reconciled: Reconciled) -> Iterator[Action]:
    """The rows that a reconcile did nothing about: blocked, waiting, or degraded."""
    kept = (Verb.KEEP, Verb.UPDATE)
    for row in reconciled.last.actions:
        if row.verb in HELD or (row.verb in kept and row.health is Health.DEGRADED):
            yield row


def left_line(row: Action, style: Style = unstyled) -> str:
    """`! Job/a blocked: needs …`, `✗ Job/b degraded: failed: exit code 1`."""
    held = row.verb in HELD
    symbol = SYMBOLS[row.verb] if held else "✗"
    word = row.verb.value if held else row.health.value.lower()
    color = "dim" if row.verb is Verb.WAITING else "red"
    return f"{style(symbol, color)} {plain(row.key)} {word}: {plain(row.reason)}"


def reconciled_text(
    reconciled: Reconciled, style: Style = unstyled, *, outcomes: bool = True
) -> str:
    """A line for each outcome and each row left as it is, then the frozen last line. Without
    `outcomes`, for readers who have seen the plan and each outcome already."""
    lines = [outcome_line(one, style) for one in reconciled.outcomes] if outcomes else []
    lines += [left_line(row, style) for row in left(reconciled)] if outcomes else []
    ending = stopped(reconciled.timed_out, reconciled.interrupted)
    blocks = (
        "\n".join(lines),
        style(ending, "yellow") if ending else "",
        "\n".join(line for one in reconciled.last.problems for line in problem_lines(one, style)),
        style(reconciled_line(reconciled.outcomes), "bold"),
    )
    return "\n\n".join(filter(None, blocks)) + "\n"
