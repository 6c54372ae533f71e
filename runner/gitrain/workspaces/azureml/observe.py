"""Everything that a plan needs to know, in as few requests as Azure ML allows.

One for the clusters, one for the experiments with the project's tag, one for what is live in each
of those, one for each 500 jobs, one for each environment; in parallel. Jobs without a run of their
digest, and those whose gates compare it with the one before, take a few more, by filter: so what a
plan costs follows the manifests, not what ever ran.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

from gitrain.identity import RunId
from gitrain.observed import ClusterState, EnvironmentState, Observed, Run
from gitrain.workspace import Query
from gitrain.workspaces.azureml.clusters.answer import cluster_notes, cluster_state, troubles
from gitrain.workspaces.azureml.clusters.quota import region_notes
from gitrain.workspaces.azureml.http.addresses import ASSET_VERSION, COMPUTE_VERSION, Connection
from gitrain.workspaces.azureml.http.requests import NotFoundError, Wire
from gitrain.workspaces.azureml.runs.answer import (
    is_own,
    may_be_ours,
    record_in_definition,
    run_from,
    runs_of,
    waiting,
)
from gitrain.workspaces.azureml.runs.find import PAGE, Finder
from gitrain.workspaces.azureml.runs.record import Record, experiment_tag

_AT_ONCE = 8


class Observation:
    """One observation of a workspace. `bodies` are the runs seen, as Azure ML reports them."""

    def __init__(self, wire: Wire, connection: Connection) -> None:
        self._wire = wire
        self._connection = connection
        self.bodies: list[Mapping[str, Any]] = []

    def make(self, query: Query) -> Observed:
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="gitrain-azureml") as pool:
            computes = pool.submit(self._computes)
            environments = pool.map(self._environment, query.environments)
            bodies = self._bodies(pool, query)
            runs = self._project_runs(pool, bodies.values(), query.project)
            clusters = computes.result()
            notes = region_notes(self._wire, self._connection, query, clusters)
            known = {state.name: state for state in environments if state}
        self.bodies = list(bodies.values())
        ours = {run.id for run in runs}
        return Observed(
            clusters=dict(_cluster_states(clusters, query, runs)),
            environments=known,
            runs=tuple(_explained(runs, clusters)),
            foreign_runs=frozenset(set(query.run_ids) & bodies.keys() - ours),
            notes=(*cluster_notes(clusters, query.clusters), *notes),
        )

    def history(self, project: str) -> Iterator[Run]:
        """Every run of the project, as the pages of its experiments come, those submitted last
        first: of several experiments one after the other."""
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="gitrain-azureml") as pool:
            find = Finder(self._wire, self._connection, pool)
            for name in self._experiments(project):
                bodies = find.all(name, "CreatedUtc desc")
                seen: set[str] = set()  # a run that starts meanwhile moves the others down a place
                while page := _unique(islice(bodies, PAGE)):
                    new = [body for run_id, body in page.items() if run_id not in seen]
                    seen |= page.keys()
                    yield from self._project_runs(pool, new, project)

    def _computes(self) -> list[Mapping[str, Any]]:
        return list(self._wire.pages(self._connection.computes(), **COMPUTE_VERSION))

    def _environment(self, name: str) -> EnvironmentState | None:
        """All versions of a name, from Azure Resource Manager: SDK v1 only gets the latest."""
        url = self._connection.resource("environments", name, "versions")
        try:
            listed = list(self._wire.pages(url, **ASSET_VERSION, listViewType="All"))
        except NotFoundError:
            return None
        versions = frozenset(str(version["name"]) for version in listed)
        return EnvironmentState(name=name, versions=versions) if versions else None

    def _experiments(self, project: str) -> list[str]:
        key = experiment_tag(project)
        question = {
            "filter": f"(Tags/{key} ne null or Tags/{key} eq null)",
            "viewType": "ActiveOnly",
            "top": PAGE,
        }
        url = f"{self._connection.service('history')}/experiments:query"
        found = self._wire.query(url, question)
        return sorted({str(e["name"]) for e in found if (e.get("tags") or {}).get(key) == project})

    def _bodies(self, pool: ThreadPoolExecutor, query: Query) -> dict[str, Mapping[str, Any]]:
        """The runs that the query is about, by id. Those of an experiment come in an order that
        does not change while runs start and end, so that no page misses one."""
        find = Finder(self._wire, self._connection, pool)
        names = self._experiments(query.project)
        asked: set[str] = set()
        if query.jobs is None:
            bodies = _unique(find.every(names))
        else:
            asked = {str(RunId(query.project, one.name, one.digest, 1)) for one in query.jobs}
            bodies = _unique(find.live(names))
            bodies |= _unique(find.of_digests(query.project, query.jobs))
            runs = self._project_runs(pool, bodies.values(), query.project)
            ran = {(run.job, run.digest) for run in runs}
            new = [job for job in query.jobs if (job.name, job.digest) not in ran]
            compared = [job for job in query.jobs if job.compared and job not in new]
            bodies |= _unique(find.alike(names, query.project, new))
            bodies |= _unique(find.before(names, query.project, new, completed=False))
            wanted = [*new, *compared]
            bodies |= _unique(find.before(names, query.project, wanted, completed=True))
        return bodies | find.by_id(set(query.run_ids) - bodies.keys() - asked)

    def _project_runs(
        self, pool: ThreadPoolExecutor, bodies: Iterable[Mapping[str, Any]], project: str
    ) -> list[Run]:
        bodies = list(bodies)
        link = self._connection.link
        runs = [run for body in bodies for run in runs_of(body, project, link(str(body["runId"])))]
        cut_off = [body for body in bodies if may_be_ours(body, project)]
        recovered = filter(None, pool.map(self._recovered, cut_off))
        runs += [run for run in recovered if run.project == project]
        return runs

    def carried(self, body: Mapping[str, Any]) -> Record | None:
        """The record in the start request of a run."""
        address = self._connection.run_in(str(body["experimentId"]), str(body["runId"]))
        return record_in_definition(self._wire.find(f"{address}/details") or {})

    def _recovered(self, body: Mapping[str, Any]) -> Run | None:
        """A run that was interrupted before its record was written, from its start request."""
        record = self.carried(body)
        if record is None or not is_own(record, body):
            return None
        return run_from(body, record, None, self._connection.link(str(body["runId"])))


def _unique(bodies: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Each run once: it may have moved from one page to the next."""
    return {str(body["runId"]): body for body in bodies}


def _cluster_states(
    bodies: Iterable[Mapping[str, Any]], query: Query, runs: Iterable[Run]
) -> Iterator[tuple[str, ClusterState]]:
    live: dict[str, set[str]] = {}
    for run in runs:
        if run.live:
            live.setdefault(run.compute, set()).add(run.id)
    for body in bodies:
        state = cluster_state(body, len(live.get(str(body["name"]), ())))
        if state.name in query.clusters or state.project == query.project:
            yield state.name, state


def _explained(runs: Iterable[Run], clusters: Iterable[Mapping[str, Any]]) -> Iterator[Run]:
    said = {str(body["name"]): troubles(body) for body in clusters}
    for run in runs:
        yield waiting(run, said.get(run.compute, ()))
