"""How a reconcile went, as text; the last line is a public interface."""

from gitrain.apply import Outcome, Result
from gitrain.observed import Phase
from gitrain.plan.actions import Verb
from gitrain.reconcile import Reconciled
from gitrain.report.annotations import reconciled_github
from gitrain.report.markdown.reports import reconciled_markdown
from gitrain.report.text.reconcile import outcome_line, reconciled_text
from tests.unit.plan import build
from tests.unit.report.samples import Place, a_cluster, a_job, an_environment, desired


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
        "--timeout passed. Running jobs continue; run reconcile again to finish.",
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


def held_up() -> Reconciled:
    """One job failed, one lacks a variable, and one waits for it."""
    world = build.World()
    token = {"environment_variables": {"A_TOKEN": {"env": "A_TOKEN"}}}
    jobs = [build.a_job("blocked", **token), build.a_job("waits", depends_on=["blocked"])]
    world.reconcile(build.desired(build.a_job("failed")))
    world.end("failed", Phase.FAILED)
    wanted = build.desired(build.a_job("failed"), *jobs)
    made = world.plan(wanted, absent_secrets=frozenset({"A_TOKEN"}))
    return world.loop(wanted).once(made)


def test_what_was_left_as_it_is_says_why() -> None:
    assert held_up().exit_code == 5
    assert reconciled_text(held_up()).splitlines()[:3] == [
        "! Job/blocked blocked: needs the environment variable A_TOKEN, which is not set",
        "… Job/waits waiting: blocked is blocked",
        "✗ Job/failed degraded: failed: exit code 1",
    ]


def test_a_ci_is_told_what_was_left_as_it_is() -> None:
    assert reconciled_github(held_up()).splitlines()[:2] == [
        "::error file=jobs/blocked.yaml,line=1,col=1,title=Job/blocked::"
        "needs the environment variable A_TOKEN, which is not set",
        "::warning file=jobs/failed.yaml,line=1,col=1,title=Job/failed::failed: exit code 1",
    ]
    assert reconciled_markdown(held_up()).splitlines()[-3:] == [
        "| ⛔ | `Job/blocked` | blocked: needs the environment variable A\\_TOKEN, which is not "
        "set |  |",
        "| ⏳ | `Job/waits` | waiting: blocked is blocked |  |",
        "| ❌ | `Job/failed` | degraded: failed: exit code 1 | `pets-failed-13c76770415c-1` |",
    ]
