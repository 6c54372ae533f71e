"""The protocol on one's own machine: a ledger says which runs exist, supervisors carry them out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from gitrain.desired import DesiredCluster, DesiredEnvironment
from gitrain.errors import WorkspaceError
from gitrain.manifest import WorkspaceSpec
from gitrain.observed import Cause, Metrics, Observed, Phase, Run, Tags
from gitrain.secrets.forms import is_secret_key
from gitrain.secrets.needed import of_run
from gitrain.workspace import Adoption, Query, Stage, Submission, Workspace
from gitrain.workspace_types import LocalWorkspace
from gitrain.workspaces.folders import states
from gitrain.workspaces.folders.clock import now
from gitrain.workspaces.folders.layout import Home, RunFolder, Settings
from gitrain.workspaces.folders.locks import try_lock
from gitrain.workspaces.folders.metrics_files import MetricsFiles
from gitrain.workspaces.folders.outputs import LocalArtifacts, last_words, read_log
from gitrain.workspaces.folders.staging import StagedRun, write_settings
from gitrain.workspaces.folders.states import Record
from gitrain.workspaces.local.ledger.faults import refusal
from gitrain.workspaces.local.ledger.reported import report, report_adopted
from gitrain.workspaces.local.ledger.runs import Ledger
from gitrain.workspaces.local.ledger.tables import Adopted, Entry
from gitrain.workspaces.local.process import shell
from gitrain.workspaces.local.process.spawn import spawn

_NO_RESOURCE = "on a local workspace it is no resource"
_REBUILT = "the ledger is missing or damaged: runs are read from their folders"


def open_workspace(name: str, spec: WorkspaceSpec, root: Path, stage: Stage) -> Workspace:
    """Open the project's local workspace; creates nothing."""
    if not isinstance(spec, LocalWorkspace):
        raise WorkspaceError(f"workspace {name} is not of type local")
    return LocalRuns(spec, root, stage)


class LocalRuns:
    """The runs of one project's folder. Every call opens the ledger anew: nothing is kept here but
    what was read of files that runs log to.

    `grace` is how long a canceled run may take to stop before it is killed, in seconds.
    """

    poll = 0.5

    def __init__(
        self,
        spec: LocalWorkspace,
        root: Path,
        stage: Stage,
        *,
        grace: float = 30.0,
    ) -> None:
        self.place = spec.path
        self.home = Home((root / spec.path).resolve())
        self.ledger = Ledger(self.home)
        self._settings = Settings(
            root=str(root.resolve()), slots=spec.slots, grace=grace, environment=spec.environment
        )
        self._stage = stage
        self._metrics = MetricsFiles()

    def observe(self, query: Query) -> Observed:
        snapshot = self.ledger.snapshot(query)
        runs = [report(entry, self.home) for entry in snapshot.entries]
        runs += [report_adopted(adopted, self.home) for adopted in snapshot.adopted]
        notes = (*([_REBUILT] if snapshot.rebuilt else []), *self._shared())
        return Observed(runs=tuple(runs), foreign_runs=snapshot.foreign, notes=notes)

    def _shared(self) -> Iterator[str]:
        """What every run sees of the shell because gitrain.yaml says so, in a note of the plan."""
        names = self._settings.environment
        if shared := [name for name in names if not is_secret_key(name)]:
            yield f"every run gets these variables of the shell: {', '.join(shared)}"
        if secret := [name for name in names if is_secret_key(name)]:
            yield (
                f"`environment` passes no secret on, so not {', '.join(secret)}: "
                "name it in the job that needs it, as {env: NAME}"
            )

    def history(self, project: str, job: str = "") -> Iterator[Run]:
        """What was adopted comes first."""
        adopted = (report_adopted(one, self.home) for one in self.ledger.adopted(project))
        yield from (run for run in adopted if job in ("", run.job))
        yield from (report(entry, self.home) for entry in self.ledger.history(project, job))

    def create_cluster(self, cluster: DesiredCluster, project: str) -> None:
        raise WorkspaceError(f"cluster {cluster.name} of {project}: {_NO_RESOURCE}")

    def update_cluster(self, cluster: DesiredCluster, project: str) -> None:
        raise WorkspaceError(f"cluster {cluster.name} of {project}: {_NO_RESOURCE}")

    def delete_cluster(self, name: str) -> None:
        """There are no clusters here, so none is left to delete."""

    def register_environment(self, environment: DesiredEnvironment) -> None:
        raise WorkspaceError(f"environment {environment.name}: {_NO_RESOURCE}")

    def submit(self, submission: Submission) -> Run:
        entry = self.ledger.find(submission.run_id)
        if entry is not None:
            _check_owner(entry, submission)
        folder = self.home.run(submission.run_id)
        if entry is None or self._folder_lost(entry, folder):
            with self._io():
                entry = self._submit_new(submission, entry.record if entry else None)
            _check_owner(entry, submission)
        if entry.record.phase.live and folder.path.exists():
            with self._io():
                entry = self._resume(entry, submission)
        return report(entry, self.home)

    def _folder_lost(self, entry: Entry, folder: RunFolder) -> bool:
        """Whether its folder was deleted while it lived, and not too often for another one."""
        return not folder.path.exists() and report(entry, self.home).preempted

    def _submit_new(self, submission: Submission, earlier: Record | None) -> Entry:
        """Record and start the run; of several who try at once, one does."""
        with closing(StagedRun(self.home)) as staged:
            staged.fill(submission, self._settings, self._stage, earlier)
            entry = self.ledger.add(submission.run_id, lambda: staged.place(submission.run_id))
            if staged.placed:
                spawn(staged.folder, staged.lock.fd, self._variables(submission))
        return entry

    def _resume(self, entry: Entry, submission: Submission) -> Entry:
        """Start a preempted run again; one that is alive holds its lock, and is left alone.

        What starts is what the manifests say now, which has the same digest: of what the folder
        says was submitted, only where it came from is believed.
        """
        folder = self.home.run(submission.run_id)
        lock = try_lock(folder.lock)
        if lock is None:
            return entry
        with closing(lock):
            entry = self.ledger.change(
                submission.run_id, lambda r: states.resumed(r, now(), lambda: last_words(folder))
            )
            if entry.record.phase.live:
                first = entry.submitted
                self.ledger.renew(
                    msgspec.structs.replace(
                        submission, commit=first.commit, dirty=first.dirty, forced=first.forced
                    )
                )
                write_settings(folder, self._settings)
                spawn(folder, lock.fd, self._variables(submission))
        return entry

    def cancel(self, run_id: str, cause: Cause) -> None:
        folder = self.home.run(run_id)
        if not self.ledger.get(run_id).record.phase.live:
            return
        with self._io():
            lock = try_lock(folder.lock) if folder.path.exists() else None
            if lock is not None or not folder.path.exists():
                self.ledger.change(run_id, lambda r: states.abandoned(r, cause, now()))
            else:
                self._ask_to_stop(folder, cause)
            if lock is not None:
                lock.close()

    def _variables(self, submission: Submission | None) -> Mapping[str, str]:
        """What a supervisor gets of our shell."""
        secrets = of_run(submission.spec, submission.environment) if submission else ()
        return shell.for_supervisors(os.environ, self._settings.environment, secrets)

    def _ask_to_stop(self, folder: RunFolder, cause: Cause) -> None:
        """Record who asked: the supervisor looks there. A command without one gets another."""
        entry = self.ledger.change(
            folder.path.name, lambda record: states.cancel_asked(record, cause, now())
        )
        if entry.record.phase.live and folder.orphaned:
            spawn(folder, None, self._variables(None), "end")

    def tag(self, run_id: str, tags: Tags) -> None:
        self.ledger.tag(run_id, tags)

    def adopt(self, adoption: Adoption) -> Run:
        entry = self.ledger.get(adoption.run_id)
        run = report(entry, self.home)
        if run.phase is not Phase.COMPLETED:
            raise WorkspaceError(f"run {run.id} is {run.phase.value}, not completed")
        self.ledger.adopt(adoption)
        return report_adopted(Adopted(adoption, entry), self.home)

    def metrics(self, run: Run) -> Metrics:
        return self._metrics.series(self.home.run(run.id))

    def summaries(self, runs: Sequence[Run]) -> Mapping[str, Metrics]:
        return {
            run.id: self._metrics.extremes(self.home.run(run.id), live=run.live) for run in runs
        }

    def unread(self) -> Mapping[str, str]:
        return self._metrics.unread

    def keep_summaries(self) -> None:
        """Nothing to spare: they are at hand."""

    def logs(self, run: Run, *, follow: bool = False) -> Iterator[str]:
        """Of several processes, the first one's; the others' are beside it, as `rank-N.txt`."""

        def over() -> bool:
            entry = self.ledger.find(run.id)
            return entry is None or not report(entry, self.home).live

        with self._io():
            yield from read_log(self.home.run(run.id).log, over if follow else lambda: True)

    def artifacts(self, run: Run) -> LocalArtifacts:
        folder = self.home.run(run.id)
        with self._io():
            outputs = sorted(path.name for path in folder.output("").glob("*"))
        return LocalArtifacts(folder, tuple(outputs))

    @contextmanager
    def _io(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise refusal(error, self.home.path) from error


def _check_owner(entry: Entry, submission: Submission) -> None:
    owner, given = entry.submitted.identity, submission.identity
    if (owner.project, owner.job) != (given.project, given.job):
        raise WorkspaceError(
            f"run {given.run_id} belongs to job {owner.job} of project {owner.project}: "
            "rename the job or the project"
        )
