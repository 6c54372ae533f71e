"""Which other run of its job a run is compared with.

There are two comparisons. What a run measured is compared with the `previous_run`, in gates,
metrics and results: that run must have completed. What a run computes is compared with the
`last_of_another_digest`, in reasons and explanations: how that run ended does not matter.
"""

from __future__ import annotations

from collections.abc import Iterable

from gitrain.observed import Phase, Run


def previous_run(digest: str, runs: Iterable[Run]) -> Run | None:
    """The latest completed of a job's runs of any other digest, except variants that were never
    merged."""
    completed = (
        run
        for run in runs
        if run.digest != digest and run.phase is Phase.COMPLETED and not run.tags.variant
    )
    return max(completed, key=lambda r: (r.ended_at, r.submitted_at, r.attempt), default=None)


def last_of_another_digest(digest: str, runs: Iterable[Run]) -> Run | None:
    """The `latest` of a job's runs of any other digest, in any phase."""
    return latest(run for run in runs if run.digest != digest)


def latest(runs: Iterable[Run]) -> Run | None:
    """The run submitted last: of the merged ones if there are any, else of the variants."""
    return max(
        runs, key=lambda run: (not run.tags.variant, run.submitted_at, run.attempt), default=None
    )
