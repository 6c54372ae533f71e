"""Which run answers to what a plan named: the same digest, else what the merge made of it."""

from __future__ import annotations

from gitrain.identity import RunId
from gitrain.observed import Cause, Phase, Tags
from gitrain.plan.answers import answer
from tests.runs import a_run

OLD, NEW = "a" * 12, "b" * 12


def named(attempt: int, job: str = "train") -> RunId:
    return RunId("pets", job, OLD, attempt)


def test_the_last_attempt_from_the_named_one_on_answers() -> None:
    runs = [
        a_run(digest=OLD, attempt=1),
        a_run(digest=OLD, attempt=3),
        a_run(digest=OLD, attempt=2),
        a_run(digest=OLD, attempt=4, job="other"),
        a_run(digest=NEW, attempt=9),
    ]

    assert answer(named(2), runs) == runs[1]
    assert answer(named(3), runs) == runs[1]
    assert answer(named(4), runs) is None


def test_a_run_that_we_canceled_answers_to_nothing() -> None:
    canceled = a_run(digest=OLD, attempt=1, phase=Phase.CANCELED, cause=Cause.SUPERSEDED)

    assert answer(named(1), [canceled]) is None


def test_without_such_a_run_the_first_one_after_the_merge_answers_with_its_last_attempt() -> None:
    merged = "2026-11-23T07:00:00Z"
    runs = [
        a_run(digest="c" * 12, submitted_at="2026-11-23T06:59:59Z"),
        a_run(digest="d" * 12, submitted_at="2026-11-23T07:30:00Z"),
        a_run(digest=NEW, attempt=1, submitted_at="2026-11-23T07:00:00.5Z"),
        a_run(digest=NEW, attempt=2, submitted_at="2026-11-23T08:00:00Z"),
        a_run(digest="e" * 12, submitted_at="2026-11-23T07:00:00Z", tags=Tags(variant=True)),
    ]

    assert answer(named(1), runs, merged) == runs[3]
    assert answer(named(1), runs) is None
    assert answer(named(1), runs[:1], merged) is None
    assert answer(named(1, "other"), runs, merged) is None
