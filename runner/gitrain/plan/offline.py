"""A workspace as it would be if all that some manifests describe existed, runs completed."""

from __future__ import annotations

from gitrain.desired import Desired
from gitrain.observed import Observed
from gitrain.plan.kind import kinds_in_plan


def as_if_completed(desired: Desired) -> Observed:
    """Every cluster as its manifest says, every environment registered, every job completed."""
    observed = Observed()
    for kind in kinds_in_plan():
        observed = kind.completed(desired, observed)
    return observed
