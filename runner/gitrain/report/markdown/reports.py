"""Reports as Markdown: for pull requests, and for any CI's summary.

Each takes at most `limit` bytes. `blob` is the address below which the commit's files can be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gitrain.apply import Outcome, Result
from gitrain.errors import Problem, Severity
from gitrain.observed import Run
from gitrain.plan.actions import Action, Health, Plan, Verb
from gitrain.reconcile import Reconciled
from gitrain.report.compare import Measure, MetricsReport, Variant
from gitrain.report.markdown.budget import Section, fitted
from gitrain.report.markdown.escape import (
    code,
    message,
    prose,
    source,
    table,
    table_head,
    table_row,
)
from gitrain.report.markdown.plan_sections import sections
from gitrain.report.safe import count, number, short, signed
from gitrain.report.sentences import (
    gpu_hours_line,
    headline,
    reconciled_line,
    stopped,
    summary_line,
)
from gitrain.report.status import Status, StatusRow
from gitrain.report.text.metrics import NO_METRICS, field, sparkline, variant_columns
from gitrain.report.text.problems import verdict
from gitrain.report.text.reconcile import PAST, left
from gitrain.report.text.status import gate_line, metrics_line, story, tally

LIMIT = 60_000
"""Bytes. A comment on GitHub holds 65,536 characters: the rest is left for a footer."""

_SEVERITIES = {Severity.ERROR: "❌", Severity.WARNING: "⚠️"}
_MARKS = {
    Health.HEALTHY: "✅",
    Health.PROGRESSING: "🔄",
    Health.DEGRADED: "❌",
    Health.SUSPENDED: "⏸️",
    Health.MISSING: "▫️",
    Health.UNKNOWN: "❔",
}


def plan_markdown(plan: Plan, *, limit: int = LIMIT, blob: str = "") -> str:
    """Verdict and summary, then what changes and why. What is too long loses its diffs first.

    `blob` is the address below which the commit's files can be seen.
    """
    start = [f"### {prose(headline(plan))}", f"**{_verdict(plan)}**", prose(summary_line(plan))]
    start += [prose(gpu_hours_line(plan))] if gpu_hours_line(plan) else []
    return fitted("\n\n".join(start) + "\n", list(sections(plan, blob)), "", limit)


def _verdict(plan: Plan) -> str:
    """The plan in a few words; where a guard is weakened, that comes first."""
    if plan.problems:
        return f"⛔ Refused: {count(len(plan.problems), 'reason')}"
    if plan.weakened:
        told = f"⚠️ {count(len(plan.weakened), 'guard')} weakened"
        return told if plan.settled else f"{told}; {_doing(plan)}"
    if plan.settings and plan.settled:
        return f"⚙️ {count(len(plan.settings), 'setting')} changed"
    return _doing(plan)


def _doing(plan: Plan) -> str:
    summary = plan.summary
    if summary.blocked:
        return f"⚠️ {count(summary.writes, 'change')}, {summary.blocked} blocked"
    if summary.writes:
        return f"▶️ {count(summary.writes, 'change')}"
    return "⏳ Waiting" if summary.waiting else "✅ Nothing to do"


def reconciled_markdown(reconciled: Reconciled, *, limit: int = LIMIT) -> str:
    """The frozen line, and a table of the outcomes, failures first, then of what was left as is."""
    ending = stopped(reconciled.timed_out, reconciled.interrupted)
    lines = [
        f"### {prose(headline(reconciled.first))}",
        prose(reconciled_line(reconciled.outcomes)),
    ]
    lines += [f"**{prose(ending)}**"] if ending else []
    lines += [f"⛔ {prose(problem.message)}" for problem in reconciled.last.problems]
    ordered = sorted(reconciled.outcomes, key=lambda outcome: outcome.result is Result.DONE)
    head = "\n" + table_head(["", "Resource", "Outcome", "Run"])
    items = (*map(_outcome, ordered), *map(_left, left(reconciled)))
    rows = Section(head=head, items=items, noun="outcome")
    return fitted("\n\n".join(lines) + "\n", [rows], "", limit)


def _left(row: Action) -> str:
    marks = {Verb.BLOCKED: ("⛔", "blocked"), Verb.WAITING: ("⏳", "waiting")}
    mark, word = marks.get(row.verb, (_MARKS[row.health], row.health.value.lower()))
    return table_row([mark, code(row.key), prose(f"{word}: {row.reason}"), code(row.run_id)])


def _outcome(outcome: Outcome) -> str:
    word = PAST.get(outcome.action, outcome.action.value)
    told = {
        Result.DONE: ("✅", word),
        Result.FAILED: ("❌", f"not {word}: {outcome.message}"),
        Result.SKIPPED: ("⏭️", f"skipped: {outcome.message}"),
    }
    mark, story = told[outcome.result]
    return table_row(
        [mark, code(f"{outcome.kind}/{outcome.name}"), prose(story), code(outcome.run_id)]
    )


def problems_markdown(
    problems: Iterable[Problem], files: int, *, limit: int = LIMIT, blob: str = ""
) -> str:
    """The verdict, and one row per problem."""
    ordered = sorted(problems, key=lambda problem: problem.order)
    rows = tuple(
        table_row(
            [
                _SEVERITIES[problem.severity],
                source(problem.location, blob),
                message(problem.message),
                message(problem.suggestion),
            ]
        )
        for problem in ordered
    )
    head = "\n" + table_head(["", "Place", "Problem", "What to do"])
    section = Section(head=head, items=rows, noun="problem")
    return fitted(f"**{prose(verdict(ordered, files))}**\n", [section], "", limit)


def status_markdown(status: Status, *, limit: int = LIMIT) -> str:
    """One row per resource, degraded ones first."""
    ordered = sorted(status.rows, key=lambda row: row.health is not Health.DEGRADED)
    head = "\n" + table_head(["", "Resource", "Sync", "Health", "Run", "Metrics", "Reason"])
    section = Section(head=head, items=tuple(map(_resource, ordered)), noun="resource")
    start = f"### {prose(status.headline)}\n\n"
    start += f"{prose(tally(status))}\n" if status.rows else "No resources in this workspace.\n"
    start += "".join(f"\nNote: {prose(note)}\n" for note in status.notes)
    return fitted(start, [section], "", limit)


def _resource(row: StatusRow) -> str:
    gates = [prose(f"{'✓' if gate.passed else '✗'} {gate_line(gate)}") for gate in row.gates]
    reasons = [prose(story(row)), *gates]
    cells = [
        _MARKS[row.health],
        code(row.key),
        row.sync.value,
        row.health.value,
        f"{code(row.run.id)} {row.run.phase.value}" if row.run else "",
        prose(metrics_line(row)),
        "<br>".join(filter(None, reasons)),
    ]
    return table_row(cells)


def metrics_markdown(report: MetricsReport) -> str:
    """One row per metric."""
    lines = [f"### {prose(report.job)}", _told(report.run)]
    lines += [f"previous: {_told(report.previous)}"] if report.previous else []
    titles = ["Metric", "Value", "Previous", "Change", "History"]
    body = table(titles, map(_measure, report.measures)) if report.measures else f"{NO_METRICS}\n"
    return "\n\n".join([*lines, body])


def _told(run: Run) -> str:
    commit = f" at {code(short(run.commit))}" if run.commit else ""
    return f"{code(run.id)}, {run.phase.value}{commit}"


def _measure(measure: Measure) -> list[str]:
    return [
        code(measure.name),
        number(measure.value),
        number(measure.previous),
        signed(measure.change),
        sparkline(measure.history),
    ]


def variants_markdown(job: str, variants: Sequence[Variant]) -> str:
    """One row per digest; the manifest's is bold."""
    if not variants:
        return f"### {prose(job)}\n\nNo runs.\n"
    paths, names = variant_columns(variants)
    titles = ["Run", "Phase", *map(code, paths), *map(code, names)]
    rows = [
        [
            f"**{code(variant.run.id)}**" if variant.current else code(variant.run.id),
            variant.run.phase.value,
            *(prose(field(path, variant.fields[path])) for path in paths),
            *(number(variant.metrics.get(name)) for name in names),
        ]
        for variant in variants
    ]
    return f"### {prose(job)}\n\n{table(titles, rows)}"
