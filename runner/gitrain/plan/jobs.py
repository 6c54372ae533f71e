"""The rows of the jobs: what happens to each, by the first rule that applies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from gitrain.assets import is_reference
from gitrain.desired import Desired, DesiredJob, Input, Upstream
from gitrain.diff import Change, diff
from gitrain.observed import Cause, Observed, Phase, Run
from gitrain.plan.actions import Action, Health, Verb
from gitrain.plan.options import Options
from gitrain.plan.reasons import absent_secrets, changes, compared, enumerate_
from gitrain.plan.run_payloads import Cancel, Submit, Tag
from gitrain.plan.runs import (
    counting_run,
    desired_tags,
    gate_results,
    health_of,
    placement_changes,
    runs_by_job,
    settles,
)
from gitrain.workspace import Submission


class Jobs:
    """Builds the rows in the order of the graph, so that each job finds its upstream's row."""

    def __init__(
        self, desired: Desired, observed: Observed, options: Options, others: Iterable[Action]
    ) -> None:
        self._desired = desired
        self._observed = observed
        self._options = options
        others = list(others)
        self._blocked = {a.address: a.key for a in others if a.verb is Verb.BLOCKED}
        self._planned = {a.address for a in others if a.verb.writes}
        self._runs = runs_by_job(observed.runs)
        # Of several runs of a digest, the one that was reported first.
        completed = [run for run in observed.runs if run.phase is Phase.COMPLETED]
        self._completed = {run.digest: run.id for run in reversed(completed)}
        self._rows: dict[str, Action] = {}

    def rows(self) -> list[Action]:
        """A row for each job, and one for each run to cancel, cancels first."""
        cancels: list[Action] = []
        for job in self._desired.jobs:
            row = self._rows[job.name] = self._row(job)
            cancels += self._cancels(job, row)
        return [*cancels, *self._rows.values()]

    def _row(self, job: DesiredJob) -> Action:
        runs = self._runs.get(job.name, [])
        run = counting_run(job, runs)
        if run and run.live and run.cause and run.cause.ours:
            return self._action(job, Verb.WAITING, f"{run.id} is being canceled", run)
        if run and settles(job, run, runs, self._options):
            return self._kept(job, run, runs)
        if job.spec.suspend:
            return self._suspended(job, run)
        if reason := self._obstacle(job):
            return self._action(job, Verb.BLOCKED, reason, run)
        if reason := self._awaited(job):
            return self._action(job, Verb.WAITING, reason, run)
        return self._submit(job, run, runs)

    def _kept(self, job: DesiredJob, run: Run, runs: list[Run]) -> Action:
        results = gate_results(job, run, runs, self._observed.metrics)
        health, story = health_of(run, results)
        reason = story
        moved = () if run.adopted else placement_changes(job, run)
        if moved and run.phase is Phase.COMPLETED:
            reason += f"; {changes(moved)} applies to the next run"
        if stale := self._stale(job, run):
            row = self._action(job, Verb.UPDATE, changes(stale), run, health=health)
            return msgspec.structs.replace(
                row,
                changes=stale,
                payload=Tag(run.id, desired_tags(job)),
                gates=results,
                story=story,
            )
        row = self._action(job, Verb.KEEP, reason, run, health=health)
        return msgspec.structs.replace(row, changes=moved, gates=results, story=story)

    def _suspended(self, job: DesiredJob, run: Run | None) -> Action:
        """A run that failed still shows, although nothing is done about it now."""
        if run is None or run.preempted:
            return self._action(job, Verb.KEEP, "suspended", run, health=Health.SUSPENDED)
        _, story = health_of(run)
        row = self._action(job, Verb.KEEP, f"suspended; {story}", run)
        return msgspec.structs.replace(row, story=story)

    def _stale(self, job: DesiredJob, run: Run) -> tuple[Change, ...]:
        """Where the run's tags are out of date; a run by hand leaves them alone."""
        wanted = desired_tags(job)
        if self._options.by_hand or run.tags == wanted:
            return ()
        return diff(msgspec.to_builtins(run.tags), msgspec.to_builtins(wanted))

    def _obstacle(self, job: DesiredJob) -> str:
        """Why this job may not or cannot be submitted; "" when nothing prevents it."""
        if absent := absent_secrets(job.secrets, self._options.absent_secrets):
            return absent
        new = job.identity(self._desired.project, 1).run_id
        if new in self._observed.foreign_runs:
            return f"run {new} already exists and does not belong to this project"
        blocked = [self._blocked[need] for need in needs(job) if need in self._blocked]
        if blocked:
            return f"needs {enumerate_(blocked)}, which is blocked"
        for edge in job.inputs.values():
            if not isinstance(edge, Upstream):
                continue
            run = self._rows[edge.job].run
            if run and run.adopted and edge.output not in run.outputs:
                return (
                    f"{edge.job} was adopted without a path for its output {edge.output}: "
                    f"gitrain adopt {edge.job} --run {run.id} --output {edge.output}=PATH"
                )
        return ""

    def _awaited(self, job: DesiredJob) -> str:
        reasons = [self._not_ready(self._rows[name]) for name in job.upstream]
        return "; ".join(filter(None, reasons))

    def _not_ready(self, row: Action) -> str:
        """Why a job downstream of this one has to wait; "" when it need not."""
        if row.verb in (Verb.KEEP, Verb.UPDATE) and row.run and row.run.phase is Phase.COMPLETED:
            missed = [gate.expression for gate in row.gates if not gate.passed]
            return f"{row.name} missed its gate {enumerate_(missed)}" if missed else ""
        if row.run and row.story:
            live = f"{row.name} is {row.run.phase.value}"
            return live if row.run.live else f"{row.name} {row.story}"
        if row.verb is Verb.SUBMIT:
            return f"waits for {row.name} to complete"
        return f"{row.name} is {'suspended' if row.verb is Verb.KEEP else row.verb.value}"

    def _submit(self, job: DesiredJob, run: Run | None, runs: list[Run]) -> Action:
        resumed = run if run and run.preempted else None
        numbers = [r.attempt for r in runs if r.digest == job.digest]
        attempt = resumed.attempt if resumed else max(numbers, default=0) + 1
        reason, differences = self._why(job, run, runs)
        row = self._action(job, Verb.SUBMIT, reason, run)
        submission = self._submission(job, attempt)
        return msgspec.structs.replace(
            row,
            changes=differences,
            run_id=submission.run_id,
            payload=Submit(
                submission=submission,
                tags=desired_tags(job) if resumed and differences else None,
                secrets=job.secrets,
            ),
            needs=tuple(need for need in needs(job) if need in self._planned),
        )

    def _why(
        self, job: DesiredJob, run: Run | None, runs: list[Run]
    ) -> tuple[str, tuple[Change, ...]]:
        if run and run.preempted:
            stale = self._stale(job, run)
            reason = "was preempted; the same run continues"
            return "; ".join(filter(None, (reason, changes(stale)))), stale
        if run:
            moved = placement_changes(job, run)
            ended = "was canceled" if run.phase is Phase.CANCELED else run.phase.value
            how = f"attempt {run.attempt} {ended}"
            return (f"{how}; {changes(moved)}" if moved else f"{how}; runs again"), moved
        before, differences = compared(job, runs)
        if before is None:
            return self._under_another_name(job) or "no run yet", ()
        return changes(differences, self._options.changed_files), differences

    def _under_another_name(self, job: DesiredJob) -> str:
        """The fix for a rename: a completed run of this digest under another job's name."""
        same = self._completed.get(job.digest)
        if same is None:
            return ""
        return f"no run yet, but {same} computed the same: gitrain adopt {job.name} --run {same}"

    def _submission(self, job: DesiredJob, attempt: int) -> Submission:
        return Submission(
            identity=job.identity(self._desired.project, attempt),
            spec=job.spec,
            inputs={name: self._located(edge) for name, edge in job.inputs.items()},
            environment=job.environment,
            code=job.code,
            tags=desired_tags(job),
            commit=self._desired.commit,
            dirty=self._desired.dirty,
            forced=self._options.force,
        )

    def _located(self, edge: Input) -> Input:
        """A job's output, by the run that wrote it: a completed one, as this job waited for it."""
        if not isinstance(edge, Upstream):
            return edge
        run = self._rows[edge.job].run
        assert run is not None
        path = run.outputs.get(edge.output, "")
        return msgspec.structs.replace(edge, run_id=run.id, path=path)

    def _cancels(self, job: DesiredJob, row: Action) -> list[Action]:
        """Cancels of live runs of older digests that a kept or submitted one replaces, and those
        that were requested before and are not done yet."""
        replaces = row.verb in (Verb.KEEP, Verb.UPDATE, Verb.SUBMIT) and not job.spec.suspend
        replaces = replaces and job.spec.supersede == "cancel" and not self._options.by_hand
        found = []
        for run in self._runs.get(job.name, []):
            asked = run.cause is not None and run.cause.ours
            older = run.digest != job.digest and not run.tags.variant and run.cause is None
            if run.live and (asked or (older and replaces)):
                cause = run.cause or Cause.SUPERSEDED
                reason = (
                    f"{cause.value}: cancel requested, but the run is still live"
                    if asked
                    else f"superseded by {job.digest}"
                )
                row_of_run = cancel(run, cause, reason, job)
                # Without its successor, the older run should continue.
                after = () if asked else row.needs
                found.append(msgspec.structs.replace(row_of_run, needs=after))
        return found

    def _action(
        self,
        job: DesiredJob,
        verb: Verb,
        reason: str,
        run: Run | None,
        health: Health | None = None,
    ) -> Action:
        return Action(
            verb=verb,
            kind="Job",
            name=job.name,
            reason=reason,
            health=health or (health_of(run)[0] if run else Health.MISSING),
            run_id=run.id if run else "",
            digest=job.digest,
            parts=job.parts,
            location=job.location,
            run=run,
        )


def needs(job: DesiredJob) -> Iterator[str]:
    """The addresses of what a run of this job uses: actions of other kinds that come first."""
    compute = job.spec.compute
    if compute and not is_reference(compute):  # `azureml:gpu` is not a resource of this project
        yield f"Cluster/{compute}"
    if job.environment and job.environment.definition:
        yield f"Environment/{job.environment.name}:{job.environment.version}"


def cancel(run: Run, cause: Cause, reason: str, job: DesiredJob | None = None) -> Action:
    """The row that cancels one live run."""
    return Action(
        verb=Verb.CANCEL,
        kind="Job",
        name=run.job,
        reason=reason,
        health=Health.PROGRESSING,
        run_id=run.id,
        digest=run.digest,
        location=job.location if job else None,
        run=run,
        payload=Cancel(run.id, cause),
    )
