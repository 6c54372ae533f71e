"""Plans, reconciles, status, metrics and problems as JSON texts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import msgspec

from gitrain.apply import Outcome
from gitrain.errors import Problem, has_errors
from gitrain.observed import Run
from gitrain.plan.actions import Action, Base, Plan
from gitrain.plan.settings import Setting
from gitrain.reconcile import Reconciled
from gitrain.report.compare import Measure, MetricsReport
from gitrain.report.json import types as outputs
from gitrain.report.run_files import FilesReport
from gitrain.report.sentences import offline_note, setting_line
from gitrain.report.status import Status, StatusRow, finite

# Valid in JSON, but unsafe on a terminal or in a runner's log: see `plain`.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|##(?=\\[)")


def encode(output: outputs.Output) -> str:
    """Indented JSON, the same for the same values, ending in a newline."""
    try:
        compact = msgspec.json.encode(output, order="deterministic")
        text = msgspec.json.format(compact, indent=2).decode()
    except UnicodeEncodeError:  # a file name that is not UTF-8: only escapes can express it
        text = json.dumps(msgspec.to_builtins(output, order="deterministic"), indent=2)
    return _UNSAFE.sub(_escaped, text) + "\n"


def _escaped(match: re.Match[str]) -> str:
    return "#\\u0023" if match[0] == "##" else f"\\u{ord(match[0]):04x}"


def plan_json(plan: Plan) -> str:
    return encode(_plan(plan))


def reconciled_json(reconciled: Reconciled) -> str:
    """The first plan, the outcomes of its actions and of those planned while waiting, and why the
    last plan was refused."""
    planned = msgspec.structs.asdict(_plan(reconciled.first))
    planned["problems"] = tuple(map(_problem, reconciled.last.problems))
    outcomes = tuple(map(_outcome, reconciled.outcomes))
    return encode(outputs.ReconcileOutput(**planned, outcomes=outcomes))


def problems_json(problems: Iterable[Problem]) -> str:
    ordered = sorted(problems, key=lambda problem: problem.order)
    return encode(
        outputs.ValidateOutput(
            format_version=1,
            valid=not has_errors(ordered),
            problems=tuple(map(_problem, ordered)),
        )
    )


def status_json(status: Status) -> str:
    return encode(
        outputs.StatusOutput(
            format_version=1,
            project=status.project,
            workspace=status.workspace,
            resources=tuple(map(_resource, status.rows)),
        )
    )


def files_json(report: FilesReport) -> str:
    return encode(
        outputs.FilesOutput(
            format_version=1,
            job=report.job,
            run_id=report.run_id,
            files=report.names,
            downloaded=report.written,
        )
    )


def metrics_json(report: MetricsReport) -> str:
    return encode(
        outputs.MetricsOutput(
            format_version=1,
            job=report.job,
            run_id=report.run.id,
            digest=report.run.digest,
            previous_run_id=report.previous.id if report.previous else None,
            metrics=tuple(map(_metric, report.measures)),
        )
    )


def _plan(plan: Plan) -> outputs.PlanOutput:
    offline = (offline_note(plan),) if plan.offline else ()
    return outputs.PlanOutput(
        format_version=1,
        project=plan.project,
        workspace=plan.workspace,
        commit=plan.commit or None,
        dirty=plan.dirty,
        summary=outputs.SummaryOutput(**msgspec.structs.asdict(plan.summary)),
        gpu_hours=plan.gpu_hours,
        actions=tuple(map(_action, plan.actions)),
        degraded=tuple(
            outputs.DegradedOutput(
                kind=one.kind, name=one.name, reason=one.reason, run_id=one.run_id or None
            )
            for one in plan.degraded
        ),
        unmanaged=tuple(
            outputs.UnmanagedOutput(**msgspec.structs.asdict(one)) for one in plan.unmanaged
        ),
        notes=(*offline, *map(_setting, plan.settings), *plan.notes),
        problems=tuple(map(_problem, plan.problems)),
        base=_base(plan.base) if plan.base else None,
    )


def _setting(setting: Setting) -> str:
    weak = "weakens a guard" if setting.weakens else "changes a setting"
    return f"{weak}: {setting_line(setting)}"


def _base(base: Base) -> outputs.BaseOutput:
    return outputs.BaseOutput(
        ref=base.ref,
        commit=base.commit,
        fork=base.fork,
        behind=base.behind,
        pending=tuple(map(_action, base.pending)),
        moved=tuple(map(_key, base.moved)),
        both=tuple(map(_key, base.both)),
        reused=tuple(
            outputs.ReusedOutput(name=one.name, run_id=one.run_id, gpu_hours=one.gpu_hours)
            for one in base.reused
        ),
        problems=tuple(map(_problem, base.problems)),
    )


def _key(key: str) -> outputs.ResourceKey:
    kind, _, name = key.partition("/")
    return outputs.ResourceKey(kind=kind, name=name)


def _action(action: Action) -> outputs.ActionOutput:
    place = action.location
    return outputs.ActionOutput(
        action=action.verb,
        kind=action.kind,
        name=action.name,
        reason=action.reason,
        changes=tuple(
            outputs.ChangeOutput(path=one.path, old=one.old, new=one.new) for one in action.changes
        ),
        run_id=action.run_id or None,
        digest=action.digest or None,
        parts=action.parts,
        source=outputs.SourceOutput(file=place.file, line=place.line) if place else None,
    )


def _outcome(outcome: Outcome) -> outputs.OutcomeOutput:
    return outputs.OutcomeOutput(
        kind=outcome.kind,
        name=outcome.name,
        action=outcome.action,
        result=outcome.result,
        message=outcome.message or None,
        run_id=outcome.run_id or None,
    )


def _problem(problem: Problem) -> outputs.ProblemOutput:
    place = problem.location
    return outputs.ProblemOutput(
        severity=problem.severity,
        code=problem.code,
        message=problem.message,
        file=place.file if place else None,
        line=place.line if place else None,
        column=place.column if place else None,
        path=problem.path or None,
        suggestion=problem.suggestion or None,
    )


def _resource(row: StatusRow) -> outputs.ResourceOutput:
    return outputs.ResourceOutput(
        kind=row.kind,
        name=row.name,
        sync=row.sync,
        health=row.health,
        reason=row.reason,
        run=_run(row.run) if row.run else None,
        metrics=row.metrics,
        gates=tuple(
            outputs.GateOutput(
                expression=gate.expression,
                value=finite(gate.value),
                threshold=finite(gate.threshold),
                passed=gate.passed,
            )
            for gate in row.gates
        ),
    )


def _run(run: Run) -> outputs.RunOutput:
    return outputs.RunOutput(
        id=run.id,
        digest=run.digest,
        attempt=run.attempt,
        phase=run.phase,
        commit=run.commit or None,
        dirty=run.dirty,
        link=run.link or None,
        submitted_at=run.submitted_at or None,
        started_at=run.started_at or None,
        ended_at=run.ended_at or None,
        exit_code=run.exit_code,
    )


def _metric(measure: Measure) -> outputs.MetricOutput:
    return outputs.MetricOutput(
        name=measure.name,
        value=finite(measure.value),
        previous=finite(measure.previous),
        change=measure.change,
        history=tuple(
            outputs.PointOutput(step=point.step, value=finite(point.value))
            for point in measure.history
        ),
    )
