"""How a reconcile went, as text; the last line is a public interface."""

from gitrain.apply import Outcome, Result
from gitrain.observed import Phase
from gitrain.plan.actions import Verb
from gitrain.reconcile import Reconciled
from gitrain.report.reconcile_text import outcome_line, reconciled_text
from tests.report.samples import Place, a_cluster, a_job, an_environment, desired


def test_every_outcome_has_a_line_and_the_last_one_counts_them() -> None:
    done = Place().reconcile(desired(a_cluster(), an_environment(), a_job()))

    assert reconciled_text(done) == (
        "✓ Cluster/gpu-cluster created\n"
        "✓ Environment/fastai registered\n"
        "✓ Job/fastai-digits submitted (pets-fastai-digits-9f2c1d3e4a5b-1)\n"
        "\n"
        "Reconciled: 2 created, 0 updated, 0 replaced, 0 deleted; 1 submitted, 0 canceled; "
        "0 failed, 0 skipped.\n"
    )


def test_the_last_line_alone_for_those_who_have_seen_the_outcomes_go_by() -> None:
    done = Place().reconcile(desired(a_job()))

    assert reconciled_text(done, outcomes=False).count("\n") == 1


def test_a_failure_and_what_needed_it_say_why() -> None:
    failed = Outcome(
        kind="Cluster", name="gpu", action=Verb.CREATE, result=Result.FAILED, message="no\nquota"
    )
    skipped = Outcome(
        kind="Job", name="a", action=Verb.SUBMIT, result=Result.SKIPPED, message="needs Cluster/gpu"
    )

    assert outcome_line(failed) == "✗ Cluster/gpu not created: no\\nquota"
    assert outcome_line(skipped) == "✗ Job/a skipped, not submitted: needs Cluster/gpu"


def test_only_what_was_done_is_counted_as_done() -> None:
    made = Place().plan(desired(a_job()))
    outcome = Outcome(kind="Job", name="a", action=Verb.SUBMIT, result=Result.FAILED, message="no")
    ended = Reconciled(first=made, last=made, outcomes=(outcome,), waited=True, timed_out=True)

    assert reconciled_text(ended).splitlines()[-3:] == [
        "--timeout passed. What is live goes on; the next reconcile does the rest.",
        "",
        "Reconciled: 0 created, 0 updated, 0 replaced, 0 deleted; 0 submitted, 0 canceled; "
        "1 failed, 0 skipped.",
    ]


def test_nothing_to_do_is_nothing_reconciled() -> None:
    place, wanted = Place(), desired(a_job())
    place.reconcile(wanted)
    place.end("fastai-digits", Phase.COMPLETED)

    assert reconciled_text(place.reconcile(wanted)) == (
        "Reconciled: 0 created, 0 updated, 0 replaced, 0 deleted; 0 submitted, 0 canceled; "
        "0 failed, 0 skipped.\n"
    )
