"""Which runs of a long history an observation asks for, and how: by id, in bulk; and by filter.

What Azure ML filters by are tags and the status, within one experiment; ids it looks up in any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import msgspec

from gitrain.errors import UnavailableError, WorkspaceError
from gitrain.identity import RunId
from gitrain.observed import Phase
from gitrain.workspace import AskedJob
from gitrain.workspaces.azureml.http.addresses import Connection
from gitrain.workspaces.azureml.http.requests import Wire
from gitrain.workspaces.azureml.runs.phases import PHASES
from gitrain.workspaces.azureml.runs.record import (
    DIGEST,
    JOB,
    adopted_as,
    adopted_by,
    own_record,
    own_tags,
)

Body = Mapping[str, Any]
T = TypeVar("T")

PAGE = 500
_IDS = 1_000
_NAMES = 25
_FIRST = 20
_ATTEMPTS = 2
_ROOT = "(ParentRunId eq null)"
# By what they are not: a run whose status is new to us is to be seen, and refused.
_LIVE = " and ".join(
    f'(Status ne "{status}")' for status, phase in PHASES.items() if not phase.live
)
_COMPLETED = next(status for status, phase in PHASES.items() if phase is Phase.COMPLETED)


class Finder:
    """Asks the run history of a workspace, several questions at once."""

    def __init__(self, wire: Wire, connection: Connection, pool: ThreadPoolExecutor) -> None:
        self._wire = wire
        self._connection = connection
        self._pool = pool

    def all(self, experiment: str, order: str) -> Iterator[Body]:
        """Every run of an experiment, also one whose start was interrupted, and has no tags."""
        return self._query(_ROOT, order, experiment)

    def every(self, experiments: Sequence[str]) -> Iterator[Body]:
        return self._everywhere(experiments, partial(self._query, _ROOT, "RunId desc"))

    def live(self, experiments: Sequence[str]) -> Iterator[Body]:
        """The runs that have not ended."""
        wanted = f"{_ROOT} and {_LIVE}"
        return self._everywhere(experiments, partial(self._query, wanted, "RunId desc"))

    def of_digests(self, project: str, jobs: Iterable[AskedJob]) -> Iterator[Body]:
        """Every attempt of these digests; a few at a time, until there is no further one."""
        left, first = [RunId(project, job.name, job.digest, 1) for job in jobs], 1
        while left:
            numbers = range(first, first + _ATTEMPTS)
            found = self.by_id(_attempt(one, n) for one in left for n in numbers)
            yield from found.values()
            last = numbers[-1]
            left = [one for one in left if _attempt(one, last) in found]
            first = last + 1

    def by_id(self, run_ids: Iterable[str]) -> dict[str, Body]:
        """The runs with these ids that exist, by id."""
        found: dict[str, Body] = {}
        for part in self._pool.map(self._bulk, _parts(dict.fromkeys(run_ids), _IDS)):
            found |= part
        return found

    def alike(
        self, experiments: Sequence[str], project: str, jobs: Iterable[AskedJob]
    ) -> Iterator[Body]:
        """What was adopted as these jobs, and what other jobs ran of their digests."""
        for some in _parts(jobs, _NAMES):
            tests = [f'(Tags/{DIGEST} eq "{job.digest}")' for job in some]
            tests += [_has(adopted_as(project, job.name, job.digest)) for job in some]
            wanted = f"{_ROOT} and ({' or '.join(tests)})"
            yield from self._everywhere(experiments, partial(self._query, wanted, "RunId desc"))

    def before(
        self,
        experiments: Sequence[str],
        project: str,
        jobs: Iterable[AskedJob],
        *,
        completed: bool,
    ) -> Iterator[Body]:
        """Of each job the latest runs, or the latest completed ones, back to the last merged one of
        another digest."""
        for some in _parts(jobs, _NAMES):
            ask = partial(self._latest, project, some, completed=completed)
            yield from self._everywhere(experiments, ask)

    def _latest(
        self, project: str, jobs: Sequence[AskedJob], experiment: str, *, completed: bool
    ) -> Iterator[Body]:
        """Once a job has its run it is not asked for again: else a job that runs often would hide
        one that runs seldom. Each time that nothing was found, it looks four times as far."""
        left, most = {job.name: job for job in jobs}, _FIRST
        while left:
            tests = [f'(Tags/{JOB} eq "{name}")' for name in left]
            tests += [_has(adopted_by(project, name)) for name in left]
            wanted = f"{_ROOT} and ({' or '.join(tests)})"
            if completed:
                wanted += f' and (Status eq "{_COMPLETED}")'
            bodies = list(islice(self._query(wanted, "CreatedUtc desc", experiment, most), most))
            yield from bodies
            found = {
                job
                for body in bodies
                for job, digest in _merged(body)
                if job in left and digest != left[job].digest
            }
            if len(bodies) < most:
                return
            most = most if found else 4 * most
            left = {name: job for name, job in left.items() if name not in found}

    def _everywhere(
        self, experiments: Sequence[str], ask: Callable[[str], Iterator[Body]]
    ) -> Iterator[Body]:
        for found in self._pool.map(lambda one: list(ask(one)), experiments):
            yield from found

    def _query(self, wanted: str, order: str, experiment: str, most: int = PAGE) -> Iterator[Body]:
        url = f"{self._connection.experiment(experiment)}/runs:query"
        question = {"filter": wanted, "orderby": order, "top": min(most, PAGE)}
        return self._wire.query(url, question)

    def _bulk(self, run_ids: Sequence[str]) -> dict[str, Body]:
        asked = {run_id: {"runId": run_id, "selectRunMetadata": True} for run_id in run_ids}
        url = f"{self._connection.service('history')}/batchrundata"
        try:
            answer = self._wire.call("POST", url, {"requests": asked}).body
        except UnavailableError:
            raise
        except WorkspaceError:  # it does not answer in bulk, or not about so many
            answer = {}
        found = {
            run_id: one["runMetadata"] for run_id, one in _part(answer, "successfulResults").items()
        }
        absent = {run_id for run_id, one in _part(answer, "failedResults").items() if _absent(one)}
        # Only what is plainly said to be missing is missing.
        for run_id in asked.keys() - found.keys() - absent:
            if body := self._wire.find(self._connection.run(run_id)):
                found[run_id] = body
        return found


def _parts(items: Iterable[T], most: int) -> Iterator[tuple[T, ...]]:
    left = iter(items)
    while part := tuple(islice(left, most)):
        yield part


def _attempt(run: RunId, number: int) -> str:
    return str(msgspec.structs.replace(run, attempt=number))


def _has(tag: str) -> str:
    """As the SDK asks whether a run has a tag."""
    return f"(Tags/{tag} ne null or Tags/{tag} eq null)"


def _merged(body: Body) -> Iterator[tuple[str, str]]:
    """The job and the digest of a run of ours that is not a variant."""
    record = own_record(body.get("properties") or {})
    tags = own_tags(body.get("tags") or {})
    if record and not (tags.variant if tags else record.variant):
        yield record.identity.job, record.identity.digest


def _part(answer: Any, name: str) -> Mapping[str, Any]:
    return (answer or {}).get(name) or {}


def _absent(failed: Any) -> bool:
    error = (failed or {}).get("error") or {}
    codes = [failed.get("statusCode"), (error.get("error") or error).get("code")]
    inner = (error.get("error") or error).get("innerError") or {}
    return 404 in codes or "NotFound" in codes or inner.get("code") in ("NotFound", "NotFoundError")
