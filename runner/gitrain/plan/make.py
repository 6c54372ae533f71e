"""plan(desired, observed, options): the whole decision, in order."""

from __future__ import annotations

from collections.abc import Iterator

from gitrain.desired import Desired
from gitrain.errors import UsageError
from gitrain.observed import Observed
from gitrain.plan.actions import Action, Plan
from gitrain.plan.guards import budget_problems, destruction_problems, gpu_hours
from gitrain.plan.kind import kinds_in_plan
from gitrain.plan.options import Options
from gitrain.plan.select import narrowed, selected


def plan(desired: Desired, observed: Observed, options: Options | None = None) -> Plan:
    """The ordered actions that bring `observed` to `desired`, and what a reader must know of them.

    Kind by kind: clusters and environments, then cancels, then jobs in the order of the graph.
    Deletes come last, in reverse: first what uses others, then what others may use.
    """
    options = options or Options()
    if options.select and options.prune:
        raise UsageError("--prune looks at everything: it cannot be combined with --select")
    kinds = kinds_in_plan()
    rows: list[Action] = []
    for kind in kinds:
        rows += kind.rows(desired, observed, options, rows)
    if options.select:
        rows = list(narrowed(rows, selected(desired, options.select)))
    elif options.prune:
        rows += [row for kind in reversed(kinds) for row in kind.deletes(desired, observed)]
    unmanaged = (one for kind in kinds for one in kind.unmanaged(desired, observed))
    hours = gpu_hours(desired, observed, rows)
    return Plan(
        project=desired.project,
        workspace=desired.workspace,
        commit=desired.commit,
        dirty=desired.dirty,
        actions=tuple(rows),
        unmanaged=() if options.prune or options.select else tuple(unmanaged),
        gpu_hours=hours,
        notes=(
            *desired.notes,
            *observed.notes,
            *(note for kind in kinds for note in kind.notes(desired, observed)),
            *_notes(rows),
        ),
        problems=(
            *budget_problems(desired, options, rows, hours),
            *destruction_problems(desired, observed, options, rows),
        ),
    )


def _notes(rows: list[Action]) -> Iterator[str]:
    names = {name for row in rows if row.payload for name in row.payload.secrets}
    if names:
        yield f"reconcile will need these environment variables: {', '.join(sorted(names))}"
    for row in rows:
        for gate in row.gates:
            if gate.passed and gate.threshold is None:
                yield (f"{row.name}: {gate.expression}: passed (no previous run to compare with)")
