"""Which other run of its job a run is compared with.

Two ideas. What a run measured is compared with the `previous_run`, in gates, metrics and results:
it has to have come to a good end. What a run computes is compared with the
`last_of_another_digest`, in reasons and explanations: what became of that one does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable

from gitrain.observed import Phase, Run


def previous_run(digest: str, runs: Iterable[Run]) -> Run | None:
    """Of a job's runs the latest completed one of another digest than this, variants that were
    never merged aside."""
    completed = (
        run
        for run in runs
        if run.digest != digest and run.phase is Phase.COMPLETED and not run.tags.variant
    )
    return max(completed, key=lambda r: (r.ended_at, r.submitted_at, r.attempt), default=None)


def last_of_another_digest(digest: str, runs: Iterable[Run]) -> Run | None:
    """Of a job's runs the `latest` of another digest than this, however it is doing."""
    return latest(run for run in runs if run.digest != digest)


def latest(runs: Iterable[Run]) -> Run | None:
    """The run that was submitted last, of those that merges made when there are any."""
    return max(
        runs, key=lambda run: (not run.tags.variant, run.submitted_at, run.attempt), default=None
    )
