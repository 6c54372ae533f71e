"""Which run answers to what a plan named: the same digest, else what the merge made of it."""

from __future__ import annotations

import pytest

from gitrain.observed import Cause, Phase, Run, Tags
from gitrain.plan.answers import Named, answer, parse_run_id

OLD, NEW = "a" * 12, "b" * 12


def a_run(digest: str, attempt: int = 1, at: str = "", job: str = "train", **given: object) -> Run:
    return Run(
        id=f"pets-{job}-{digest}-{attempt}",
        project="pets",
        job=job,
        digest=digest,
        attempt=attempt,
        phase=given.pop("phase", Phase.COMPLETED),
        submitted_at=at,
        **given,
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"pets-train-{OLD}-1", Named("train", OLD, 1)),
        (f"pets-a-b-{OLD}-12", Named("a-b", OLD, 12)),
        (f"pets-pets-{OLD}-2", Named("pets", OLD, 2)),
        (f"pets-train-{OLD}-01", None),
        (f"cats-train-{OLD}-1", None),
        (f"train-{OLD}-1", None),
        (f"pets-train-{OLD[:-1]}-1", None),
        (f"pets-train-{OLD[:-1]}G-1", None),
        (f"pets-train-{OLD}-", None),
        (f"pets-{OLD}-1", None),
        (f"pets-train-{OLD}-1 and more", None),
        ("", None),
    ],
)
def test_a_run_id_is_taken_apart_or_not_ours(text: str, named: Named | None) -> None:
    assert parse_run_id("pets", text) == named


def test_the_last_attempt_from_the_named_one_on_answers() -> None:
    runs = [a_run(OLD, 1), a_run(OLD, 3), a_run(OLD, 2), a_run(OLD, 4, job="other"), a_run(NEW, 9)]

    assert answer(Named("train", OLD, 2), runs) == runs[1]
    assert answer(Named("train", OLD, 3), runs) == runs[1]
    assert answer(Named("train", OLD, 4), runs) is None


def test_a_run_that_we_canceled_answers_to_nothing() -> None:
    canceled = a_run(OLD, 1, phase=Phase.CANCELED, cause=Cause.SUPERSEDED)

    assert answer(Named("train", OLD, 1), [canceled]) is None


def test_without_such_a_run_the_first_one_after_the_merge_answers_with_its_last_attempt() -> None:
    merged = "2026-11-23T07:00:00Z"
    runs = [
        a_run("c" * 12, at="2026-11-23T06:59:59Z"),
        a_run("d" * 12, at="2026-11-23T07:30:00Z"),
        a_run(NEW, 1, at="2026-11-23T07:00:00.5Z"),
        a_run(NEW, 2, at="2026-11-23T08:00:00Z"),
        a_run("e" * 12, at="2026-11-23T07:00:00Z", tags=Tags(variant=True)),
    ]

    assert answer(Named("train", OLD, 1), runs, merged) == runs[3]
    assert answer(Named("train", OLD, 1), runs) is None
    assert answer(Named("train", OLD, 1), runs[:1], merged) is None
    assert answer(Named("other", OLD, 1), runs, merged) is None
