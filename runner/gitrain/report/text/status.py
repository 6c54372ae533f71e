"""The status as a table that shows at a glance what is healthy and what is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from gitrain.gates import GateResult
from gitrain.observed import Run
from gitrain.plan.actions import Health, Sync, Verb
from gitrain.report.safe import count, number, plain, short
from gitrain.report.status import Status, StatusRow
from gitrain.report.text.columns import Cell, Style, aligned, table_width, unstyled

HEALTH_COLORS = {
    Health.HEALTHY: "green",
    Health.PROGRESSING: "cyan",
    Health.DEGRADED: "red",
    Health.SUSPENDED: "dim",
    Health.MISSING: "yellow",
    Health.UNKNOWN: "yellow",
}
_TITLES = ("KIND/NAME", "SYNC", "HEALTH", "PHASE", "RUN", "COMMIT", "METRICS", "REASON")
_METRICS, _REASON = 6, 7


def status_text(status: Status, style: Style = unstyled, *, columns: int = 100) -> str:
    """The table, with the gates below their jobs. If it is wider than `columns`, first the reasons
    and then the metrics move to lines of their own; nothing is cut."""
    if not status.rows:
        return f"{style(status.headline, 'bold')}\n\nNo resources in this workspace.\n"
    rows = [_cells(row) for row in status.rows]
    below: list[int] = []
    for column in (_REASON, _METRICS):
        if _too_wide([_TITLED, *(_without(row, below) for row in rows)], columns):
            below.append(column)
    lines = _table(rows, below, style)
    body = [lines[0]]
    for row, cells, line in zip(status.rows, rows, lines[1:], strict=True):
        body += [line, *(f"    {text}" for text in _details(row, cells, below, style))]
    notes = [f"note: {plain(note)}" for note in status.notes]
    return "\n".join([style(status.headline, "bold"), "", *body, "", tally(status), *notes]) + "\n"


_TITLED: list[Cell] = [(title, "dim") for title in _TITLES]


def _too_wide(rows: Sequence[Sequence[Cell]], columns: int) -> bool:
    return table_width(_full(rows)) > columns


def _full(rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    """The columns that are not empty in every row."""
    kept = [i for i in range(len(_TITLES)) if any(row[i][0] for row in rows[1:])]
    return [[row[i] for i in kept] for row in rows]


def _without(row: Sequence[Cell], below: Sequence[int]) -> list[Cell]:
    return [("", "") if i in below else cell for i, cell in enumerate(row)]


def _table(rows: Sequence[Sequence[Cell]], below: Sequence[int], style: Style) -> list[str]:
    return aligned(_full([_TITLED, *(_without(row, below) for row in rows)]), style)


def _cells(row: StatusRow) -> list[Cell]:
    run = row.run
    return [
        (plain(row.key), ""),
        (row.sync.value, "" if row.sync is Sync.SYNCED else "yellow"),
        (row.health.value, HEALTH_COLORS[row.health]),
        (run.phase.value if run else "", ""),
        (run_name(run) if run else "", "dim"),
        (short(run.commit, run.dirty) if run else "", "dim"),
        (metrics_line(row), ""),
        (story(row), ""),
    ]


def run_name(run: Run) -> str:
    """What distinguishes a run of a job: the end of its id; the whole id of an adopted one."""
    return plain(run.id if run.adopted else run.identity.name)


def metrics_line(row: StatusRow) -> str:
    return ", ".join(f"{plain(name)} {number(row.metrics[name])}" for name in row.foremost())


def story(row: StatusRow) -> str:
    """What is to be done and why; else the reason, where it says more than the other columns."""
    if row.verb is not Verb.KEEP:
        return plain(f"{row.verb.value}: {row.reason}")
    told = row.health is Health.HEALTHY or (row.run and row.reason == row.run.phase.value)
    return "" if told else plain(row.reason)


def _details(
    row: StatusRow, cells: Sequence[Cell], below: Sequence[int], style: Style
) -> Iterator[str]:
    for column in sorted(below):
        if cells[column][0]:
            yield cells[column][0]
    for gate in row.gates:
        mark = style("✓", "green") if gate.passed else style("✗", "red")
        yield f"{mark} {gate_line(gate)}"
    if row.run and row.run.link and row.health is Health.DEGRADED:
        yield style(f"see {plain(row.run.link)}", "dim")


def gate_line(gate: GateResult) -> str:
    """`accuracy >= previous - 0.01: 0.91, needs 0.975`."""
    expression = plain(gate.expression)
    if gate.value is None:
        return f"{expression}: no value"
    found = number(gate.value, 6)
    if gate.passed:
        alone = " (no previous run)" if gate.threshold is None else ""
        return f"{expression}: {found}{alone}"
    needed = number(gate.threshold, 6)
    # Rounding must not make a missed gate look like a passed one.
    if needed == found:
        found, needed = repr(gate.value), repr(gate.threshold)
    return f"{expression}: {found}" + (f", needs {needed}" if needed not in expression else "")


def tally(status: Status) -> str:
    """`5 resources: 4 Synced, 1 OutOfSync; 3 Healthy, 1 Progressing, 1 Missing.`"""
    syncs = Counter(row.sync for row in status.rows)
    healths = Counter(row.health for row in status.rows)
    first = ", ".join(f"{syncs[sync]} {sync.value}" for sync in Sync if syncs[sync])
    second = ", ".join(f"{healths[one]} {one.value}" for one in Health if healths[one])
    return f"{count(len(status.rows), 'resource')}: {first}; {second}."
