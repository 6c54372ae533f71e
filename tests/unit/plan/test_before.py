"""Which run is the one before: for what was measured, and for what is computed."""

from __future__ import annotations

import pytest

from gitrain.observed import Phase, Run, Tags
from gitrain.plan.before import last_of_another_digest, previous_run
from tests.runs import a_run

NOW, OLD, OLDER = "c" * 12, "b" * 12, "a" * 12


def ended(digest: str, day: int, phase: Phase = Phase.COMPLETED, **given: object) -> Run:
    at = f"2026-01-{day:02}T00:00:00Z"
    return a_run(phase, digest=digest, submitted_at=at, ended_at=at, **given)


def test_without_a_run_of_another_digest_there_is_none() -> None:
    runs = [ended(NOW, 1)]

    assert previous_run(NOW, runs) is None
    assert last_of_another_digest(NOW, runs) is None


@pytest.mark.parametrize("phase", [Phase.FAILED, Phase.CANCELED, Phase.RUNNING])
def test_measures_are_compared_with_what_completed_and_fields_with_the_last(phase: Phase) -> None:
    older, old = ended(OLDER, 1), ended(OLD, 2, phase)
    runs = [old, ended(NOW, 3), older]

    assert previous_run(NOW, runs) is older
    assert last_of_another_digest(NOW, runs) is old


def test_a_variant_is_never_the_previous_run_and_the_last_only_without_any_other() -> None:
    variant = ended(OLD, 2, tags=Tags(variant=True))
    merged = ended(OLDER, 1)

    assert previous_run(NOW, [variant]) is None
    assert last_of_another_digest(NOW, [variant]) is variant
    assert previous_run(NOW, [variant, merged]) is merged
    assert last_of_another_digest(NOW, [variant, merged]) is merged


def test_the_previous_run_is_the_one_that_ended_last_not_that_was_submitted_last() -> None:
    quick = a_run(digest=OLD, submitted_at="2026-01-02T00:00:00Z", ended_at="2026-01-02T01:00:00Z")
    slow = a_run(digest=OLDER, submitted_at="2026-01-01T00:00:00Z", ended_at="2026-01-03T00:00:00Z")

    assert previous_run(NOW, [quick, slow]) is slow
    assert last_of_another_digest(NOW, [quick, slow]) is quick
