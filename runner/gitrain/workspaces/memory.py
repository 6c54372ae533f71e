"""A workspace in memory: keeps every promise of the protocol, and runs nothing.

Tests and simulations decide how its runs go, with `go` and `log`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec

from gitrain.desired import DesiredCluster, DesiredEnvironment
from gitrain.errors import WorkspaceError
from gitrain.manifest import ClusterSpec
from gitrain.observed import (
    Cause,
    ClusterState,
    EnvironmentState,
    Metrics,
    Observed,
    Phase,
    Point,
    Run,
    Tags,
)
from gitrain.workspace import Adoption, Artifacts, Query, Submission
from gitrain.workspaces.downloads import download

_TICK = 0.01
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_UPDATED = ("min_instances", "max_instances", "idle_time_before_scale_down", "identity")


class MemoryArtifacts:
    """The files that a test gives to a run."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = dict(files)

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._files))

    def download(self, folder: Path) -> tuple[Path, ...]:
        files = {name: partial(Path.write_bytes, data=data) for name, data in self._files.items()}
        return download(files, folder)


class MemoryWorkspace:
    """Clusters, environments and runs in dictionaries, with a clock that counts the writes."""

    place = "memory"
    poll = 0.0

    def __init__(self) -> None:
        self.clusters: dict[str, ClusterState] = {}
        self.environments: dict[str, set[str]] = {}
        self.runs: dict[str, Run] = {}
        self.adopted: dict[tuple[str, str, str], Run] = {}
        self.submissions: dict[str, Submission] = {}
        self.series: dict[str, dict[str, list[Point]]] = {}
        self.texts: dict[str, str] = {}
        self.files: dict[str, dict[str, bytes]] = {}
        self._writes = 0

    # The workspace's side: what a run does -------------------------------------------------------

    def go(
        self, run_id: str, phase: Phase, *, preempted: bool = False, exit_code: int | None = None
    ) -> None:
        """Move a run to a phase, or let it lose its machine."""
        ended = "" if phase.live else self._now()
        self._change(run_id, phase=phase, preempted=preempted, exit_code=exit_code, ended_at=ended)

    def log(self, run_id: str, step: int, **values: float) -> None:
        """Let a run log metrics."""
        for name, value in values.items():
            series = self.series.setdefault(run_id, {})
            series.setdefault(name, []).append(Point(step, value))

    # The protocol --------------------------------------------------------------------------------

    def observe(self, query: Query) -> Observed:
        ours = [run for run in self.runs.values() if run.project == query.project]
        adopted = [run for (project, *_), run in self.adopted.items() if project == query.project]
        foreign = {
            run_id
            for run_id in query.run_ids
            if run_id in self.runs and self.runs[run_id].project != query.project
        }
        clusters = {
            name: msgspec.structs.replace(state, active_runs=self._active(name))
            for name, state in self.clusters.items()
            if name in query.clusters or state.project == query.project
        }
        environments = {
            name: EnvironmentState(name=name, versions=frozenset(versions))
            for name, versions in self.environments.items()
            if name in query.environments
        }
        return Observed(
            clusters=clusters,
            environments=environments,
            runs=(*ours, *adopted),
            foreign_runs=frozenset(foreign),
        )

    def history(self, project: str, job: str = "") -> Iterator[Run]:
        known = self.observe(Query(project=project)).runs
        wanted = [run for run in known if job in ("", run.job)]
        yield from sorted(wanted, key=lambda run: run.submitted_at, reverse=True)

    def create_cluster(self, cluster: DesiredCluster, project: str) -> None:
        self.clusters.setdefault(
            cluster.name,
            ClusterState(
                name=cluster.name,
                spec=cluster.spec,
                reported=frozenset(ClusterSpec.__struct_fields__),
                project=project,
                labels=cluster.metadata.labels,
                description=cluster.metadata.description,
            ),
        )

    def update_cluster(self, cluster: DesiredCluster, project: str) -> None:
        del project
        state = self.clusters.get(cluster.name)
        if state is None:
            raise WorkspaceError(f"there is no cluster {cluster.name}")
        changed = {name: getattr(cluster.spec, name) for name in _UPDATED}
        spec = msgspec.structs.replace(state.spec, **changed)
        self.clusters[cluster.name] = msgspec.structs.replace(state, spec=spec)

    def delete_cluster(self, name: str) -> None:
        self.clusters.pop(name, None)

    def register_environment(self, environment: DesiredEnvironment) -> None:
        self.environments.setdefault(environment.name, set()).add(environment.version)

    def submit(self, submission: Submission) -> Run:
        existing = self.runs.get(submission.run_id)
        given = submission.identity
        if existing and (existing.project, existing.job) != (given.project, given.job):
            raise WorkspaceError(f"run {submission.run_id} belongs to project {existing.project}")
        if existing and existing.preempted:
            self.go(existing.id, Phase.QUEUED)
        elif not existing:
            self.submissions[submission.run_id] = submission
            self.runs[submission.run_id] = self._new(submission)
        return self.runs[submission.run_id]

    def cancel(self, run_id: str, cause: Cause) -> None:
        run = self._existing(run_id)
        if run.phase.live:
            self._change(run_id, cause=cause)
            self.go(run_id, Phase.CANCELED)

    def tag(self, run_id: str, tags: Tags) -> None:
        run = self._existing(run_id)
        adopted = {key: one for key, one in self.adopted.items() if one.id == run_id}
        for key, one in adopted.items():
            self.adopted[key] = msgspec.structs.replace(one, tags=tags)
        # The tags of another project's run are not ours to change.
        if not adopted or run.project in {project for project, *_ in adopted}:
            self._change(run_id, tags=tags)

    def adopt(self, adoption: Adoption) -> Run:
        run = self._existing(adoption.run_id)
        if run.phase is not Phase.COMPLETED:
            raise WorkspaceError(f"run {run.id} is {run.phase.value}, not completed")
        adopted = msgspec.structs.replace(
            run,
            identity=adoption.identity,
            adopted_id=run.id,
            outputs=adoption.outputs,
            tags=adoption.tags,
        )
        self.adopted[adopted.project, adopted.job, adopted.digest] = adopted
        return adopted

    def metrics(self, run: Run) -> Metrics:
        return {
            name: tuple(sorted(points, key=lambda point: point.step))
            for name, points in self.series.get(run.id, {}).items()
        }

    def summaries(self, runs: Sequence[Run]) -> Mapping[str, Metrics]:
        return {run.id: self.metrics(run) for run in runs}

    def unread(self) -> Mapping[str, str]:
        return {}

    def keep_summaries(self) -> None:
        """Nothing to store: they are in memory."""

    def logs(self, run: Run, *, follow: bool = False) -> Iterator[str]:
        position = 0
        while True:
            # Checked before reading, so that everything written before the end is read below.
            over = not follow or not self.runs[run.id].live
            text = self.texts.get(run.id, "")[position:]
            yield from text.splitlines(keepends=True)
            position += len(text)
            if over:
                return
            time.sleep(_TICK)

    def artifacts(self, run: Run) -> Artifacts:
        return MemoryArtifacts(self.files.get(run.id, {}))

    # Inside --------------------------------------------------------------------------------------

    def _new(self, submission: Submission) -> Run:
        return Run(
            identity=submission.identity,
            phase=Phase.QUEUED,
            forced=submission.forced,
            tags=submission.tags,
            commit=submission.commit,
            dirty=submission.dirty,
            submitted_at=self._now(),
        )

    def _existing(self, run_id: str) -> Run:
        if run_id not in self.runs:
            raise WorkspaceError(f"there is no run {run_id}")
        return self.runs[run_id]

    def _change(self, run_id: str, **fields: object) -> None:
        self.runs[run_id] = msgspec.structs.replace(self.runs[run_id], **fields)

    def _active(self, cluster: str) -> int:
        return sum(run.live and run.compute == cluster for run in self.runs.values())

    def _now(self) -> str:
        self._writes += 1
        return (_FIRST + timedelta(seconds=self._writes)).isoformat().replace("+00:00", "Z")
