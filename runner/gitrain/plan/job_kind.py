"""Jobs as a kind in the plan; `plan.jobs` builds their rows."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

import msgspec

from gitrain.desired import Desired, DesiredJob
from gitrain.errors import UsageError
from gitrain.graph import along
from gitrain.observed import Cause, Observed, Phase, Run
from gitrain.plan.actions import Action, Unmanaged
from gitrain.plan.jobs import Jobs, cancel, needs
from gitrain.plan.kind import InPlan
from gitrain.plan.options import Options
from gitrain.plan.reasons import enumerate_
from gitrain.plan.runs import compares, desired_tags
from gitrain.workspace import AskedJob, Query


class JobKind(InPlan[DesiredJob]):
    """A job exists as its runs: cancels come before submits, and nothing is deleted."""

    def ask(self, desired: Desired, query: Query) -> Query:
        """The runs of these jobs, and whether the id of a first one is someone else's."""
        jobs = self.among(desired)
        asked = (AskedJob(job.name, job.digest, compares(job)) for job in jobs)
        ids = (job.identity(desired.project, 1).run_id for job in jobs if not job.spec.suspend)
        return msgspec.structs.replace(query, jobs=tuple(asked), run_ids=tuple(ids))

    def question(self, one: DesiredJob) -> Hashable:
        return one.name, one.digest, one.spec.gates

    def completed(self, desired: Desired, observed: Observed) -> Observed:
        jobs = (job for job in self.among(desired) if not job.spec.suspend)
        runs = tuple(_completed(desired, job) for job in jobs)
        return msgspec.structs.replace(observed, runs=runs)

    def rows(
        self, desired: Desired, observed: Observed, options: Options, earlier: Sequence[Action]
    ) -> list[Action]:
        """Also cancels for removed jobs: with `--prune`, or if requested before and still live."""
        cancels = [
            cancel(run, run.cause or Cause.PRUNED, "no manifest names its job")
            for run in _removed(desired, observed)
            if options.prune or _begun(run)
        ]
        return [*cancels, *Jobs(desired, observed, options, earlier).rows()]

    def unmanaged(self, desired: Desired, observed: Observed) -> Iterator[Unmanaged]:
        for run in _removed(desired, observed):
            if not _begun(run):
                reason = f"no manifest names it; {run.id} is {run.phase.value}"
                yield Unmanaged(self.kind, run.job, reason)

    def owned(self, desired: Desired, observed: Observed) -> int:
        """A run that has ended cannot be destroyed."""
        del desired
        return sum(run.live for run in observed.runs)

    def takes_along(self, one: DesiredJob) -> Iterator[str]:
        yield from (address.partition(":")[0] for address in needs(one))
        yield from (f"{self.kind}/{name}" for name in one.upstream)

    def merged(
        self, chosen: Iterable[DesiredJob], others: Iterable[DesiredJob]
    ) -> Iterable[DesiredJob]:
        """Each job after its upstream jobs, with those that one side removed and the other needs.

        Raises UsageError when the jobs of both sides would wait for each other in a cycle.
        """
        known = {job.name: job for job in others}
        together: dict[str, DesiredJob] = {}
        found = list(chosen)
        while found:
            together |= {job.name: job for job in found}
            lacking = {name for job in found for name in job.upstream} - together.keys()
            found = [known[name] for name in sorted(lacking)]
        order = along({name: job.upstream for name, job in together.items()})
        if circle := together.keys() - set(order):
            raise UsageError(
                "merge the base into this branch first: with both sides' changes these jobs wait "
                f"for each other: {enumerate_(sorted(circle))}"
            )
        return [together[name] for name in order]


def _removed(desired: Desired, observed: Observed) -> Iterator[Run]:
    """The live runs of jobs that no manifest names any more, except variants."""
    named = {job.name for job in desired.jobs}
    for run in sorted(observed.runs, key=lambda run: run.id):
        if run.live and run.job not in named and not run.tags.variant:
            yield run


def _begun(run: Run) -> bool:
    return run.cause is not None and run.cause.ours


def _completed(desired: Desired, job: DesiredJob) -> Run:
    return Run(
        identity=job.identity(desired.project, 1),
        phase=Phase.COMPLETED,
        tags=desired_tags(job),
    )
