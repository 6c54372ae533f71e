"""A plan as text, in the style of Terraform."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitrain.diff import Change
from gitrain.plan.actions import SYMBOLS, Action, Plan, Verb
from gitrain.plan.reasons import MERGED
from gitrain.report.safe import plain, value
from gitrain.report.sentences import (
    base_lines,
    gpu_hours_line,
    headline,
    notes,
    reused_line,
    setting_line,
    summary_line,
    why,
)
from gitrain.report.text.columns import Cell, Style, aligned, padded, unstyled, width
from gitrain.report.text.problems import problem_lines

COLORS = {
    Verb.CREATE: "green",
    Verb.REGISTER: "green",
    Verb.UPDATE: "yellow",
    Verb.REPLACE: "magenta",
    Verb.DELETE: "red",
    Verb.SUBMIT: "cyan",
    Verb.CANCEL: "red",
    Verb.KEEP: "",
    Verb.WAITING: "dim",
    Verb.BLOCKED: "red",
}
# One very long name must not push every reason off the screen.
_MOST_PADDING = 48


def plan_text(plan: Plan, style: Style = unstyled) -> str:
    """The whole plan; its first and its last line are frozen."""
    blocks = (
        [style(headline(plan), "bold")],
        _titled("Weakens a guard", map(setting_line, plan.weakened), style),
        _titled("Changes in gitrain.yaml", _settings(plan), style),
        _legend(plan, style),
        _rows(plan, style, waiting=False),
        _rows(plan, style, waiting=True),
        _titled("Degraded", _degraded(plan, style), style),
        _titled("No longer in the manifests", _unmanaged(plan, style), style),
        _titled("Existing runs that will be reused", _reused(plan), style),
        _titled("Notes", [f"- {note}" for note in notes(plan)], style),
        list(base_lines(plan)),
        [gpu_hours_line(plan)],
        [line for problem in plan.problems for line in problem_lines(problem, style)],
        [style(summary_line(plan), "green" if plan.settled else "bold")],
    )
    return "\n\n".join("\n".join(lines) for lines in blocks if any(lines)) + "\n"


def _legend(plan: Plan, style: Style) -> list[str]:
    words: dict[str, list[Verb]] = {}
    present = {row.verb for row in plan.actions}
    for verb in SYMBOLS:
        if verb in present:
            words.setdefault(SYMBOLS[verb], []).append(verb)
    if not words:
        return []
    lines = [
        f"{_symbol(verbs[0], style)} {', '.join(verb.value for verb in verbs)}"
        for verbs in words.values()
    ]
    return ["Actions are indicated with the following symbols:", *lines]


def _symbol(verb: Verb, style: Style) -> str:
    symbol = SYMBOLS[verb]
    return " " * (3 - len(symbol)) + style(symbol, COLORS[verb])


def _rows(plan: Plan, style: Style, *, waiting: bool) -> list[str]:
    changed = [row for row in plan.actions if row.verb is not Verb.KEEP]
    columns = max((width(row.key) for row in changed), default=0)
    columns = min(columns, _MOST_PADDING)
    shown = (row for row in changed if row.verb.writes is not waiting)
    return [line for row in shown for line in _row(row, columns, style)]


def _row(row: Action, columns: int, style: Style) -> Iterator[str]:
    details = list(_details(row, style))
    reason = _in_place(row) if details else why(row)
    name = padded(plain(row.key), columns)
    yield f"{_symbol(row.verb, style)} {name}   {reason}".rstrip()
    yield from details


def _in_place(row: Action) -> str:
    return "must be replaced" if row.verb is Verb.REPLACE else "updated in place"


def _details(row: Action, style: Style) -> Iterator[str]:
    """The fields of an update or a replacement; other rows say everything in their reason."""
    if row.verb not in (Verb.UPDATE, Verb.REPLACE):
        return
    for change in row.changes:
        forces = row.verb is Verb.REPLACE and change.path in row.fixed
        mark = style("   # forces replacement", "red") if forces else ""
        yield f"      {change_line(change, style)}{mark}"


def change_line(change: Change, style: Style) -> str:
    """`~ max_instances 2 → 4`, `+ labels.team vision`, `- description old`."""
    path = plain(change.path)
    if change.path == "variant" and change.old:
        return f"{style('~', 'yellow')} {MERGED}"
    if change.old is None:
        return f"{style('+', 'green')} {path} {value(change.new)}"
    if change.new is None:
        return f"{style('-', 'red')} {path} {value(change.old)}"
    return f"{style('~', 'yellow')} {path} {value(change.old)} → {value(change.new)}"


def _degraded(plan: Plan, style: Style) -> list[str]:
    rows: list[list[Cell]] = [
        [
            (plain(f"{one.kind}/{one.name}"), "red"),
            (plain(one.reason), ""),
            (plain(one.run_id), "dim"),
        ]
        for one in plan.degraded
    ]
    return aligned(rows, style, gap=3)


def _unmanaged(plan: Plan, style: Style) -> list[str]:
    rows: list[list[Cell]] = [
        [(plain(f"{one.kind}/{one.name}"), "yellow"), (plain(one.reason), "")]
        for one in plan.unmanaged
    ]
    return aligned(rows, style, gap=3)


def _settings(plan: Plan) -> list[str]:
    return [setting_line(one) for one in plan.settings if not one.weakens]


def _reused(plan: Plan) -> list[str]:
    return [reused_line(one) for one in plan.base.reused] if plan.base else []


def _titled(title: str, lines: Iterable[str], style: Style) -> list[str]:
    lines = list(lines)
    return [style(f"{title}:", "bold"), *(f"  {line}" for line in lines)] if lines else []
