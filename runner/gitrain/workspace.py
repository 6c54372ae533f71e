"""The protocol every workspace keeps, and how one is opened."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol, cast

import msgspec

from gitrain.desired import Code, DesiredCluster, DesiredEnvironment, EnvironmentUse, Input
from gitrain.identity import Identity
from gitrain.manifest import ClusterSpec, JobSpec, WorkspaceSpec
from gitrain.observed import Cause, Metrics, Observed, Run, Tags
from gitrain.workspace_types import workspace_type

# Writes exactly the tree `code.tree` of `code.folder` into a new folder, or raises GitrainError.
Stage = Callable[[Code, Path], None]


class AskedJob(msgspec.Struct, frozen=True):
    """A job and its digest; `compared` when gates compare its run with the one before."""

    name: str
    digest: str
    compared: bool = False


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What `observe` is asked about: the names in the desired state, so that it needs few calls.

    `jobs` are those whose runs matter; None asks for every run of the project, all its history.
    `run_ids` are the ids that a submit of this plan could use: those that exist but are not ours
    come back in `Observed.foreign_runs`. `asked` are the clusters that manifests describe: for
    those that do not exist yet, `Observed.notes` says what the workspace cannot provide. `others`
    are the names of resources of other kinds, by kind: `Observed.others` has those that exist.
    """

    project: str
    jobs: tuple[AskedJob, ...] | None = None
    clusters: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    run_ids: tuple[str, ...] = ()
    asked: Mapping[str, ClusterSpec] = {}
    others: Mapping[str, tuple[str, ...]] = {}

    def about(self, kind: str, names: Iterable[str]) -> Query:
        """This query, extended with these resources of another kind."""
        return msgspec.structs.replace(self, others={**self.others, kind: tuple(names)})


class Submission(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything a workspace needs to start a run; secrets are references until it starts."""

    identity: Identity
    spec: JobSpec
    inputs: Mapping[str, Input] = {}
    environment: EnvironmentUse | None = None
    code: Code | None = None
    tags: Tags = Tags()
    commit: str = ""
    dirty: bool = False
    forced: bool = False

    @property
    def run_id(self) -> str:
        return self.identity.run_id


class Adoption(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An existing completed run, `run_id`, to be recorded as the run of a job's digest.

    `identity` is what it is adopted as. `outputs` maps names of the job's outputs to the paths
    where that run wrote them.
    """

    run_id: str
    identity: Identity
    outputs: Mapping[str, str] = {}
    tags: Tags = Tags()


class Artifacts(Protocol):
    """The files of a run: its named outputs, and `outputs` and `logs` of its working folder."""

    def names(self) -> tuple[str, ...]:
        """Relative paths of all files, sorted; each begins with an output's name, or `outputs/`."""

    def download(self, folder: Path) -> tuple[Path, ...]:
        """Copy every file below `folder`, which is created; return what was written."""


class Workspace(Protocol):
    """A place where jobs run. One contract suite checks each sentence for every adapter.

    Every method raises UnavailableError when the workspace cannot be reached, and WorkspaceError
    when it refuses; neither is ever read as "it does not exist".
    `place` says briefly where it is; `poll` is the number of seconds between two observations
    while waiting.
    """

    @property
    def place(self) -> str: ...

    @property
    def poll(self) -> float: ...

    def observe(self, query: Query) -> Observed:
        """Report what exists: the project's runs that the query asks about, the clusters it owns or
        names, and all versions of the environments it names. Changes nothing, and creates nothing.

        Of the project's runs it reports at least those that have not ended; of each job asked about
        every run of its digest, also of another job, so that a rename is noticed; and, when there
        is none of its digest or it is to be compared, what came before: of the job's runs of other
        digests the one submitted last and the completed one that ended last, variants only where
        there is no other. What this costs follows the query, not what ever ran."""

    def history(self, project: str, job: str = "") -> Iterator[Run]:
        """Every run of the project, or of one of its jobs, those submitted last first and adopted
        ones before them; asked for in pages, as they are consumed."""

    def create_cluster(self, cluster: DesiredCluster, project: str) -> None:
        """Create the cluster, marked as the project's, and return when it is usable.
        An existing one is left unchanged."""

    def update_cluster(self, cluster: DesiredCluster, project: str) -> None:
        """Set scale bounds, idle time and identity to what the manifest says.
        Raises WorkspaceError when the cluster does not exist."""

    def delete_cluster(self, name: str) -> None:
        """Delete the cluster and return when it is gone; a no-op when it does not exist."""

    def register_environment(self, environment: DesiredEnvironment) -> None:
        """Register this version; a no-op when it exists."""

    def submit(self, submission: Submission) -> Run:
        """Start the run and return at once.

        Safe to repeat: an existing run of this id is returned and nothing starts, whoever asks. A
        preempted one continues, as the same run and attempt. Raises WorkspaceError when the id is
        taken by a run of another project or job."""

    def cancel(self, run_id: str, cause: Cause) -> None:
        """Record who asked, then ask the run to stop; a no-op when it has ended."""

    def tag(self, run_id: str, tags: Tags) -> None:
        """Replace the tags of a run, which are all that may change on it."""

    def adopt(self, adoption: Adoption) -> Run:
        """Record a completed run as this digest; from then on it is reported like any other.
        Raises WorkspaceError when the run does not exist or is not completed."""

    def metrics(self, run: Run) -> Metrics:
        """The run's metrics so far, each series in the order of its steps; empty without any."""

    def summaries(self, runs: Sequence[Run]) -> Mapping[str, Metrics]:
        """For each run, by its id, at least the last, smallest and largest point of each series of
        `metrics`, which is what gates and tables read: in as few calls as the workspace allows."""

    def unread(self) -> Mapping[str, str]:
        """Why metrics could not be read, by the ids of the runs that `metrics` and `summaries` were
        asked for: what a run left is not to be trusted. Such a run has no metrics."""

    def keep_summaries(self) -> None:
        """Store what `summaries` found to be final, where that saves later calls. Only for callers
        that may write: a plan never does. What cannot be stored is asked for again next time."""

    def logs(self, run: Run, *, follow: bool = False) -> Iterator[str]:
        """Yield the run's log in pieces, line ends included; with `follow` until the run ends."""

    def artifacts(self, run: Run) -> Artifacts:
        """The files of the run."""


class Adapter(Protocol):
    """What the module of a `WorkspaceType` offers."""

    def open_workspace(self, name: str, spec: WorkspaceSpec, root: Path, stage: Stage) -> Workspace:
        """Open the workspace of this name in the project at `root`; creates nothing yet.

        Only `stage` knows a submission's code: it writes the code where the adapter says.
        """


def open_workspace(name: str, spec: WorkspaceSpec, root: Path, stage: Stage) -> Workspace:
    """Import the adapter of this type of workspace, and open it."""
    # Imported only now: only those who use an SDK pay for loading it.
    adapter = cast(Adapter, importlib.import_module(workspace_type(spec).module))
    return adapter.open_workspace(name, spec, root, stage)
