"""The runs of a job: which one counts, which came before, and how a run is doing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gitrain.desired import DesiredJob
from gitrain.diff import Change, diff
from gitrain.gates import GateResult, evaluate, parse_gate
from gitrain.observed import Metrics, Phase, Run, Tags
from gitrain.plan.actions import Health
from gitrain.plan.before import previous_run
from gitrain.plan.options import Options
from gitrain.plan.reasons import enumerate_, spelled_out


def runs_by_job(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """The runs of each job, in the order given."""
    found: dict[str, list[Run]] = {}
    for run in runs:
        found.setdefault(run.job, []).append(run)
    return found


def counting_run(job: DesiredJob, runs: Iterable[Run]) -> Run | None:
    """The run that counts for this digest: of those we did not cancel, the highest attempt."""
    counted = (run for run in runs if run.digest == job.digest and run.counts)
    return max(counted, key=lambda run: run.attempt, default=None)


def settles(job: DesiredJob, run: Run, runs: Iterable[Run], options: Options) -> bool:
    """Whether this run settles its job, so that nothing is submitted."""
    if run.live:
        return True
    if run.preempted or job.name in options.rerun:
        return False
    if run.phase is Phase.COMPLETED:
        return True
    if job.name in options.retry:
        return False
    failures = sum(r.digest == job.digest and r.phase is Phase.FAILED for r in runs)
    retry = run.phase is Phase.FAILED and failures <= job.spec.retries
    return not retry and (run.adopted or not placement_changes(job, run))


def placement_changes(job: DesiredJob, run: Run) -> tuple[Change, ...]:
    """How the placement of a job differs from where its run computed."""
    return spelled_out(diff(run.identity.placement, job.placement))


def gate_results(
    job: DesiredJob, run: Run, runs: Iterable[Run], metrics: Mapping[str, Metrics]
) -> tuple[GateResult, ...]:
    """The result of each of a job's gates for a completed run, if its metrics were asked for."""
    if run.phase is not Phase.COMPLETED or run.id not in metrics:
        return ()
    before = previous_run(run.digest, runs)
    previous = metrics.get(before.id) if before else None
    gates = map(parse_gate, job.spec.gates)
    return tuple(evaluate(gate, metrics[run.id], previous) for gate in gates)


def compares(job: DesiredJob) -> bool:
    """Whether a gate of this job compares its run with the one before."""
    return any(parse_gate(gate).previous for gate in job.spec.gates)


def desired_tags(job: DesiredJob) -> Tags:
    """The tags that this job's run should have."""
    return Tags(
        labels=job.metadata.labels,
        description=job.metadata.description,
        display_name=job.spec.display_name,
        variant=job.variant,
    )


def health_of(run: Run, gates: Iterable[GateResult] = ()) -> tuple[Health, str]:
    """The health of a job with this run, and the run's story in a few words."""
    if run.live or run.preempted:
        return Health.PROGRESSING, run.phase.value
    if run.phase is Phase.COMPLETED:
        missed = [gate.expression for gate in gates if not gate.passed]
        if missed:
            return Health.DEGRADED, f"completed, but missed {enumerate_(missed)}"
        return Health.HEALTHY, "completed"
    if run.phase is Phase.CANCELED:
        return Health.DEGRADED, "was canceled by a person"
    detail = run.reason or (f"exit code {run.exit_code}" if run.exit_code is not None else "")
    return Health.DEGRADED, f"failed: {detail}" if detail else "failed"
