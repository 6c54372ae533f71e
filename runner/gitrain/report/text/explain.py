"""One job explained: what it is made of, which run counts and why, and what would run it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitrain.diff import Change, diff
from gitrain.observed import Phase, Run
from gitrain.plan.actions import Action, Health, Verb
from gitrain.plan.before import last_of_another_digest
from gitrain.plan.run_payloads import Submit
from gitrain.report.safe import plain, short
from gitrain.report.text.columns import Cell, Style, aligned, unstyled
from gitrain.report.text.plan import COLORS, change_line

_MOST_RUNS = 10


def explain_text(row: Action, runs: Iterable[Run], style: Style = unstyled) -> str:
    """Explain a job's row of a plan; of `runs`, those of other jobs are ignored."""
    own = sorted(
        (run for run in runs if run.job == row.name),
        key=lambda run: (run.submitted_at, run.attempt),
        reverse=True,
    )
    place = f"   {plain(str(row.location))}" if row.location else ""
    blocks = (
        [style(plain(row.key), "bold") + style(place, "dim"), *_verdict(row, style)],
        _titled("Made of", _parts(row), style),
        _titled("Runs, latest first", _runs(own, row), style),
        _changes(row, own, style),
        _titled(
            "It runs again" if own else "It runs", [[(f"- {way}", "")] for way in _ways(row)], style
        ),
    )
    return "\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n"


def _verdict(row: Action, style: Style) -> Iterator[str]:
    yield f"  {style(row.verb.value, COLORS[row.verb])}: {plain(row.reason)}"
    yield f"  {row.sync.value}, {row.health.value}"


def _titled(title: str, rows: list[list[Cell]], style: Style) -> list[str]:
    lines = aligned(rows, style)
    return [style(f"{title}:", "bold"), *(f"  {line}" for line in lines)] if lines else []


def _parts(row: Action) -> list[list[Cell]]:
    parts = [(name, part) for name, part in sorted(row.parts.items()) if part]
    table = [("digest", row.digest), *parts, ("run id", row.run_id)]
    return [[(plain(name), ""), (plain(part), "")] for name, part in table if part]


def _runs(runs: list[Run], row: Action) -> list[list[Cell]]:
    told: list[list[Cell]] = [
        [
            (plain(run.id), ""),
            (run.phase.value, ""),
            (short(run.commit, run.dirty), "dim"),
            (plain(run.submitted_at), "dim"),
            (_role(run, row), "bold" if row.run and run.id == row.run.id else ""),
        ]
        for run in runs[:_MOST_RUNS]
    ]
    more = len(runs) - _MOST_RUNS
    return [*told, [(f"and {more} more", "")]] if more > 0 else told


def _role(run: Run, row: Action) -> str:
    """What a run means for the current digest."""
    if run.digest != row.digest:
        return "another digest, a variant" if run.tags.variant else "another digest"
    if not run.counts and run.cause:
        return f"{run.cause.value}: counts as if it had never run"
    if row.run and run.id == row.run.id:
        return "counts: this digest, preempted" if run.preempted else "counts: this digest"
    return "an earlier attempt"


def _changes(row: Action, runs: list[Run], style: Style) -> list[str]:
    """How the job differs from its last run of another digest, or from its own run where limits or
    placement differ."""
    if row.run and row.changes:
        before, changes = row.run, row.changes
    else:
        other = last_of_another_digest(row.digest, runs)
        if other is None:
            return []
        before, changes = other, row.changes or _computed(row, other)
    title = style(f"Changes since {plain(before.id)}:", "bold")
    return [title, *(f"  {change_line(change, style)}" for change in changes)] if changes else []


def _computed(row: Action, other: Run) -> tuple[Change, ...]:
    """In full where the row has or submits a run, which knows what it computes; else by part."""
    known = row.payload.submission if isinstance(row.payload, Submit) else row.run
    if known and known.identity.canonical and other.identity.canonical:
        return diff(other.identity.canonical, known.identity.canonical)
    return diff(other.identity.parts, row.parts)


def _ways(row: Action) -> Iterator[str]:
    """What would make it run again."""
    if row.verb is Verb.SUBMIT:
        yield "on the next reconcile"
        return
    if row.verb in (Verb.WAITING, Verb.BLOCKED):
        yield f"once this is resolved: {plain(row.reason)}"
        return
    if row.health is Health.SUSPENDED:
        yield "when `suspend: true` is removed"
        return
    revision = row.run.identity.canonical.get("revision", 1) + 1 if row.run else 2
    yield "when what it computes changes: its command, inputs, outputs, code, environment, …"
    yield f"with `revision: {revision}`"
    if row.run and row.run.phase in (Phase.FAILED, Phase.CANCELED):
        yield "when its compute or limits change, since that run did not complete"
    if row.run and row.run.phase is Phase.FAILED:
        yield "with more `retries`"
    if row.run and not row.run.live:
        yield f"with `gitrain rerun {plain(row.name)}`"
