"""What gates and tables read of a run's metrics, kept with the run once they are final.

A run's metrics take requests of their own, and never change after its end. So a command that
submits, waits or reports results also stores what it had to ask for, on each run that has ended,
and later plans find it in the list of runs. A plan, or a reconcile without changes, writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from gitrain.errors import GitrainError
from gitrain.metrics import MetricsError
from gitrain.observed import Metrics, Run
from gitrain.workspaces.azureml.outputs.read import Outputs, settled
from gitrain.workspaces.azureml.outputs.series import kept_summary
from gitrain.workspaces.azureml.runs.tags import Marks

_AT_ONCE = 8


class Summaries:
    """The last, smallest and largest value of each metric of runs that were seen."""

    def __init__(self, outputs: Outputs, marks: Marks) -> None:
        self._outputs = outputs
        self._marks = marks
        self._bodies: dict[str, Mapping[str, Any]] = {}
        self._final: dict[str, Metrics] = {}
        self._unkept: set[str] = set()
        self.unread: dict[str, str] = {}
        self._keeping = False

    def saw(self, bodies: Iterable[Mapping[str, Any]]) -> None:
        """Remember runs as Azure ML reports them."""
        for body in bodies:
            run_id = str(body["runId"])
            self._bodies[run_id] = body
            kept = kept_summary(body.get("tags") or {})
            if kept is not None:
                self._final[run_id] = kept
                self._unkept.discard(run_id)

    def of(self, runs: Sequence[Run]) -> dict[str, Metrics]:
        """By the ids of the runs; asks for those that are not final or not stored."""
        asked = {run.id: run for run in runs if run.id not in self._final}
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="gitrain-azureml") as pool:
            found = dict(zip(asked, pool.map(self._ask, asked.values()), strict=True))
        return {run.id: found.get(run.id, self._final.get(run.id, {})) for run in runs}

    def keep(self) -> None:
        """Store what was asked for and is final, now and from now on."""
        self._keeping = True
        for run_id in tuple(self._unkept):
            self._keep(run_id)

    def _ask(self, run: Run) -> Metrics:
        # Checked before reading, so that everything ingested by then is read below.
        final = self._is_final(run)
        self.unread.pop(run.id, None)
        try:
            metrics = self._outputs.extremes(run.id)
        except MetricsError as error:
            self.unread[run.id] = f"it has {error}"
            # Nor asked for again by us, but not written down: the next one is to hear of it, too.
            self._final |= {run.id: {}} if final else {}
            return {}
        if final:
            self._final[run.id] = metrics
            self._unkept.add(run.id)
            if self._keeping:
                self._keep(run.id)
        return metrics

    def _is_final(self, run: Run) -> bool:
        """Whether all metrics have arrived: the last ones may come a while after the run's end."""
        if run.phase.live:
            return False
        if settled(run, datetime.now(UTC)):
            return True
        body = self._bodies.get(run.id)
        # Only a command that stores them needs to know at once.
        with suppress(GitrainError):
            return bool(self._keeping and body and self._outputs.all_in(body))
        return False

    def _keep(self, run_id: str) -> None:
        """If a run cannot be written to, its metrics are asked for again next time."""
        self._unkept.discard(run_id)
        body = self._bodies.get(run_id)
        if body:
            with suppress(GitrainError):
                self._marks.summary(body, self._final[run_id])
