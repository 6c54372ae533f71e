"""The sections of a plan in Markdown, with the order in which they get room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitrain.diff import Change
from gitrain.errors import Problem
from gitrain.plan.actions import SYMBOLS, Action, Plan, Verb
from gitrain.plan.settings import Setting
from gitrain.report.markdown.budget import Section
from gitrain.report.markdown.escape import (
    code,
    fenced,
    html,
    message,
    prose,
    source,
    table_head,
    table_row,
)
from gitrain.report.safe import count, plain, value
from gitrain.report.sentences import base_lines, notes, reused_line, setting_line, why


def sections(plan: Plan, blob: str) -> Iterator[Section]:
    """In the order of the document; `rank` is the order in which they get room."""
    writes = tuple(_row(row, blob) for row in plan.writes)
    yield _listed("Refused", map(_refusal, plan.problems), rank=0, noun="reason")
    yield _listed("Weakens a guard", map(_setting, plan.weakened), rank=0)
    others = (one for one in plan.settings if not one.weakens)
    yield _listed("Changes in gitrain.yaml", map(_setting, others), rank=3)
    head = "\n" + table_head(["", "Resource", "Why", "Source"])
    yield Section(head=head, items=writes, noun="change", rank=1)
    for verb, rank in ((Verb.BLOCKED, 2), (Verb.WAITING, 3)):
        rows = (row for row in plan.actions if row.verb is verb)
        lines = (
            f"{code(row.key)}: {prose(row.reason)} {source(row.location, blob)}" for row in rows
        )
        yield _listed(verb.value.capitalize(), lines, rank=rank)
    degraded = (f"{code(f'{d.kind}/{d.name}')}: {prose(d.reason)}" for d in plan.degraded)
    yield _listed("Degraded", degraded, rank=4)
    unmanaged = (f"{code(f'{u.kind}/{u.name}')}: {prose(u.reason)}" for u in plan.unmanaged)
    yield _listed("No longer in the manifests", unmanaged, rank=5)
    reused = map(prose, map(reused_line, plan.base.reused)) if plan.base else ()
    yield _listed("Existing runs that will be reused", reused, rank=5)
    yield _listed("On the base", map(prose, base_lines(plan)), rank=2)
    diffs = tuple(_folded_diff(row) for row in plan.writes if row.changes and not _told(row))
    yield Section(head="", items=diffs, noun="diff", rank=7)
    yield _listed("Notes", map(prose, notes(plan)), rank=6)


def _listed(title: str, lines: Iterable[str], *, rank: int, noun: str = "line") -> Section:
    items = tuple(f"- {line.rstrip()}\n" for line in lines)
    return Section(head=f"\n**{title}**\n\n", items=items, noun=noun, rank=rank)


def _setting(one: Setting) -> str:
    return f"{'⚠️ ' if one.weakens else ''}{prose(setting_line(one))}"


def _refusal(problem: Problem) -> str:
    cure = f" ({message(problem.suggestion)})" if problem.suggestion else ""
    return f"{message(problem.message)}{cure}"


def _row(row: Action, blob: str) -> str:
    cells = [code(SYMBOLS[row.verb]), code(row.key), prose(why(row)), source(row.location, blob)]
    return table_row(cells)


def _told(row: Action) -> bool:
    """Whether the reason already says all that a diff would."""
    return [row.reason] == [f"{c.path} {value(c.old)} → {value(c.new)}" for c in row.changes]


def _folded_diff(row: Action) -> str:
    """The fields that change, folded."""
    lines = "\n".join(line for change in row.changes for line in _diff_lines(change))
    summary = f"<code>{html(row.key)}</code>: {count(len(row.changes), 'field')}"
    return f"\n<details><summary>{summary}</summary>\n\n{fenced(lines, 'diff')}\n</details>\n"


def _diff_lines(change: Change) -> Iterator[str]:
    """Multi-line texts line by line, so that a reader can compare them."""
    for sign, side in (("-", change.old), ("+", change.new)):
        if side is None:
            continue
        lines = side.splitlines() if isinstance(side, str) else []
        if len(lines) < 2:
            yield f"{sign} {plain(change.path)}: {value(side)}"
        else:
            yield f"{sign} {plain(change.path)}:"
            yield from (f"{sign}   {plain(line)}" for line in lines)
