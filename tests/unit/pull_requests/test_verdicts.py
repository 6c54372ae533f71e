"""What answers to a pull request, and the verdict on it: values in, values out."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gitrain.desired import Desired
from gitrain.identity import RunId
from gitrain.observed import Cause, Phase, Point, Run, Tags
from gitrain.pull_requests.text.marker import Marker
from gitrain.pull_requests.text.results_comment import Results
from gitrain.pull_requests.verdicts import (
    Answers,
    Computed,
    after_merge,
    answers,
    before_merge,
    claimed,
    is_said,
    named,
    results,
    to_measure,
)
from tests.runs import a_run
from tests.unit.plan.build import a_job, desired

MERGED = "2026-11-23T07:00:00+00:00"
LATER = "2026-11-23T08:00:00Z"
VARIANT = Tags(variant=True)
MAIN = desired(a_job("a", "one"), a_job("b", "one"))
HEAD = desired(a_job("a", "two"), a_job("b", "one"))
"""A branch that changes job a of main."""


def run_id(side: Desired, job: str, attempt: int = 1) -> RunId:
    [found] = [one for one in side.jobs if one.name == job]
    return RunId("pets", job, found.digest, attempt)


def ran(side: Desired, job: str, phase: Phase = Phase.COMPLETED, **given: Any) -> Run:
    name = run_id(side, job, given.pop("attempt", 1))
    return a_run(phase, job=name.job, digest=name.digest, attempt=name.attempt, **given)


def judged(
    side: Desired, runs: list[Run], *jobs: str, due: frozenset[tuple[str, str]] = frozenset()
) -> Results:
    """What these jobs of a merge came to."""
    names = [run_id(side, job) for job in jobs]
    found = answers(names, runs, merged_at=MERGED)
    return results(found, after_merge(side).jobs, runs, {}, due)


# What a comment claims, and what the commit computes ----------------------------------------------


def test_a_claim_is_a_run_of_this_project_and_nothing_else() -> None:
    known = run_id(HEAD, "a")
    marker = Marker(kind="plan", workspace="w", runs=(str(known), "other-a-" + "0" * 12, "…"))

    assert claimed(marker, "pets") == (known,)


def test_before_the_merge_what_the_commit_computes_is_taken() -> None:
    claim = run_id(HEAD, "a", attempt=2)

    assert named([claim], before_merge(MAIN, HEAD), merged=False) == ((claim,), ())


@pytest.mark.parametrize(
    "claim",
    [RunId("pets", "a", "0" * 12, 1), RunId("pets", "gone", "0" * 12, 1), run_id(MAIN, "a")],
    ids=["another digest", "another job", "what the base computes"],
)
def test_before_the_merge_what_it_does_not_compute_is_refused(claim: RunId) -> None:
    """The run that the commit does compute takes its place: a claim hides none."""
    own = run_id(HEAD, "a")

    assert named([claim], before_merge(MAIN, HEAD), merged=False) == ((own,), (claim,))


def test_before_the_merge_what_nobody_claims_is_needed_all_the_same() -> None:
    both = desired(a_job("a", "two"), a_job("b", "two"))

    names, refused = named([run_id(both, "a")], before_merge(MAIN, both), merged=False)

    assert (names, refused) == ((run_id(both, "a"), run_id(both, "b")), ())


def test_a_suspended_job_needs_no_run() -> None:
    head = desired(a_job("a", "two", suspend=True), a_job("b", "one"))

    assert named([], before_merge(MAIN, head), merged=False) == ((), ())


def test_what_only_the_base_has_changed_needs_no_run_of_the_branch() -> None:
    theirs = desired(a_job("a", "one"), a_job("b", "moved"))
    merge = desired(a_job("a", "two"), a_job("b", "moved"))

    assert named([], before_merge(theirs, HEAD, merge), merged=False)[0] == (run_id(HEAD, "a"),)


@pytest.mark.parametrize("which", ["head", "merge"])
def test_before_the_merge_the_head_and_its_merge_answer_alike(which: str) -> None:
    merge = desired(a_job("a", "two, with what the base has changed"), a_job("b", "one"))
    claim = run_id(HEAD if which == "head" else merge, "a")

    assert named([claim], before_merge(MAIN, HEAD, merge), merged=False) == ((claim,), ())


def test_after_the_merge_a_claim_is_for_what_the_merge_made_of_its_job() -> None:
    merge = desired(a_job("a", "two, with what the base has changed"))
    gone = run_id(HEAD, "b")

    names, refused = named([run_id(HEAD, "a"), gone], after_merge(merge), merged=True)

    assert names == (run_id(merge, "a"),)
    assert refused == (gone,)


# Whether somebody asked ---------------------------------------------------------------------------


def asked(*runs: Run, **given: Any) -> Answers:
    return answers([run_id(HEAD, "a"), run_id(HEAD, "b")], runs, **given)


def test_before_the_merge_only_a_variant_is_the_pull_request_s_own() -> None:
    mine, theirs = ran(HEAD, "a", tags=VARIANT), ran(HEAD, "b")

    assert asked(theirs) == {}
    assert list(asked(mine, theirs).values()) == [mine, theirs]
    assert asked(mine, theirs, closed=True) == {}


def test_after_the_merge_every_run_is() -> None:
    run = ran(HEAD, "a")

    assert asked(run, merged_at=MERGED) == {run_id(HEAD, "a"): run, run_id(HEAD, "b"): None}
    assert asked(merged_at=MERGED) == {}


# The verdict --------------------------------------------------------------------------------------


def test_all_completed_is_a_success() -> None:
    found = judged(HEAD, [ran(HEAD, "a"), ran(HEAD, "b")], "a", "b")

    assert (found.state, found.verdict) == ("success", "2 runs completed")


def test_nothing_is_said_of_a_chain_until_its_last_job_is_done() -> None:
    found = judged(HEAD, [ran(HEAD, "a")], "a", "b")

    assert (found.state, found.missing, found.over) == ("", ("b",), False)
    assert judged(HEAD, [ran(HEAD, "a"), ran(HEAD, "b", Phase.QUEUED)], "a", "b").state == ""


def test_the_first_failure_is_said_at_once() -> None:
    failed = ran(HEAD, "a", Phase.FAILED, exit_code=3)

    found = judged(HEAD, [failed, ran(HEAD, "b", Phase.RUNNING)], "a", "b")

    assert found.state == "failure"
    assert found.verdict == "a: failed: exit code 3; 1 not finished yet"
    assert not found.over


def test_a_run_that_a_person_canceled_is_a_failure_and_one_of_ours_never_ran() -> None:
    by_hand = ran(HEAD, "a", Phase.CANCELED, cause=Cause.PERSON)
    by_us = ran(HEAD, "a", Phase.CANCELED, cause=Cause.SUPERSEDED)

    assert judged(HEAD, [by_hand], "a").verdict == "a: was canceled by a person"
    assert judged(HEAD, [by_us], "a").state == ""


def test_a_later_attempt_counts() -> None:
    runs = [ran(HEAD, "a", Phase.FAILED), ran(HEAD, "a", attempt=2)]

    assert judged(HEAD, runs, "a").state == "success"


def test_a_retry_that_is_due_is_not_called_a_failure() -> None:
    failed = ran(HEAD, "a", Phase.FAILED)
    due = frozenset({("a", failed.digest)})

    found = judged(HEAD, [failed], "a", due=due)

    assert (found.state, found.failed, found.over) == ("", (), False)
    assert found.jobs[0].story == "failed; will run again"


@pytest.mark.parametrize(("accuracy", "state"), [(0.9, "success"), (0.5, "failure"), (None, "")])
def test_gates_are_those_of_the_commit(accuracy: float | None, state: str) -> None:
    """Also of a job that no other commit has; a run that has not ended is not judged yet."""
    head = desired(a_job("new", gates=["accuracy >= 0.8"]))
    computed = before_merge(desired(), head)
    run = ran(head, "new", Phase.COMPLETED if accuracy else Phase.RUNNING, tags=VARIANT)
    found = answers([run_id(head, "new")], [run])
    metrics = {run.id: {"accuracy": (Point(1, accuracy),)}} if accuracy else {}

    judged = results(found, computed.jobs, [run], metrics, frozenset())

    assert judged.state == state
    if state == "failure":
        assert judged.verdict == "new: completed, but missed accuracy >= 0.8"


def test_metrics_are_those_of_the_run_and_the_one_before_it() -> None:
    before = ran(MAIN, "a", ended_at="2026-11-22T00:00:00Z")
    run = ran(HEAD, "a", ended_at=LATER)
    runs, name = [before, run, ran(HEAD, "b", Phase.RUNNING)], run_id(HEAD, "a")
    found = answers([name, run_id(HEAD, "b")], runs, merged_at=MERGED)
    metrics = {before.id: {"acc": (Point(1, 0.9),)}, run.id: {"acc": (Point(1, 0.95),)}}

    assert list(to_measure(found, runs)) == [run, before]
    [one, live] = results(found, after_merge(HEAD).jobs, runs, metrics, frozenset()).jobs

    assert one.metrics
    [measure] = one.metrics.measures
    assert (measure.value, measure.previous, measure.change) == (0.95, 0.9, 0.05)
    assert live.metrics is None


def test_a_merge_that_the_base_had_moved_past_is_answered_by_its_own_run() -> None:
    moved = desired(a_job("a", "three"), a_job("b", "one"))
    run = ran(moved, "a", submitted_at=LATER)

    found = judged(HEAD, [run], "a")

    told = f"instead of {run_id(HEAD, 'a').digest}, since the base has changed"
    assert found.jobs[0].story == f"completed; {told}"


# Whether it was said ------------------------------------------------------------------------------

SAID = Marker(
    kind="results",
    workspace="w",
    runs=(str(run_id(HEAD, "a")),),
    facts={"over": "yes", "merge": "m"},
)


def test_what_had_ended_and_was_said_is_not_said_again() -> None:
    assert is_said(SAID, [ran(HEAD, "a")], "m")


@pytest.mark.parametrize(
    ("change", "merge", "runs"),
    [
        ({"facts": {"merge": "m"}}, "m", [ran(HEAD, "a")]),
        ({}, "another", [ran(HEAD, "a")]),
        ({}, "m", [ran(HEAD, "a"), ran(HEAD, "a", attempt=2)]),
        ({}, "m", []),
    ],
    ids=["not over", "merged since", "a later attempt", "the run is gone"],
)
def test_it_is_looked_at_again(change: dict[str, Any], merge: str, runs: list[Run]) -> None:
    assert not is_said(msgspec.structs.replace(SAID, **change), runs, merge)


def test_an_adopted_run_is_known_by_the_id_it_has() -> None:
    run = ran(HEAD, "a", adopted_id="theirs")
    before = msgspec.structs.replace(SAID, runs=("theirs",))

    assert is_said(before, [run], "m")


def test_what_is_computed_is_known_by_its_job() -> None:
    computed: Computed = before_merge(MAIN, HEAD)

    assert computed.own == ("a",)
    assert computed.run("a") == run_id(HEAD, "a")
    assert not computed.computes(RunId("pets", "none", "0" * 12, 1))
