"""Before the merge: what a pull request shows, and what it never does."""

from __future__ import annotations

import pytest

from tests.doubles.actions.site import Site
from tests.doubles.azure.emulator import Emulator
from tests.promises.pull_requests.conftest import Checkout, runs_of

pytestmark = pytest.mark.xdist_group("rehearsal-pull-request")


def test_a_comment_says_what_the_merge_would_do_and_is_edited_by_the_next_push(
    site: Site, checkout: Checkout, emulator: Emulator
) -> None:
    site.dispatch("reconcile.yml", verb="reconcile")
    checkout.begin("longer")
    checkout.train(epochs=6)
    checkout.publish()
    emulator.requests.reset()

    pull = site.open("longer")

    [comment] = site.hub.state.comments_on(pull.number)
    assert "inputs.epochs" in comment.body
    assert "1 to submit" in comment.body
    run = site.last("plan.yml")
    assert (run.conclusion, run.jobs["offline"].conclusion) == ("success", "skipped")
    assert "1 to submit" in run.summary
    assert run.jobs["plan"].annotations == []

    checkout.train(epochs=6, limits={"timeout": 60})
    checkout.train("second", epochs=7)
    checkout.publish("One more")
    site.push(pull)

    [edited] = site.hub.state.comments_on(pull.number)
    assert (edited.id, len(edited.edits)) == (comment.id, 1)
    assert "2 to submit" in edited.body
    assert runs_of(emulator) == {"train": 1}
    assert emulator.requests.writes == []
    assert set(site.issuer.asked[-2:]) == {"repo:octo/pets:environment:plan"}
    assert site.last("ci.yml").conclusion == "success"


def test_a_broken_manifest_is_annotated_where_it_is_broken_and_fails_the_check(
    site: Site, checkout: Checkout
) -> None:
    checkout.begin("broken")
    checkout.write(
        "jobs/broken.yaml",
        "apiVersion: gitrain/v1\nkind: Job\nmetadata: {name: broken}\nspec:\n"
        "  command: echo\n  comptue: cpu\n  limits: {timeout: soon}\n",
    )
    checkout.publish()

    pull = site.open("broken")

    run = site.last("plan.yml")
    assert run.conclusion == "failure"
    places = [one.partition("col=")[0] for one in run.jobs["plan"].annotations]
    assert places == [
        "::error file=jobs/broken.yaml,line=6,",
        "::error file=jobs/broken.yaml,line=7,",
    ]
    [comment] = site.hub.state.comments_on(pull.number)
    assert "comptue" in comment.body


@pytest.mark.parametrize("whose", [{"fork": "eve/pets"}, {"user": "dependabot[bot]"}])
def test_a_fork_or_a_bot_gets_an_offline_plan_and_no_identity(
    site: Site, checkout: Checkout, emulator: Emulator, whose: dict[str, str]
) -> None:
    checkout.begin("foreign")
    checkout.train(epochs=6)
    checkout.publish()

    pull = site.open("foreign", **whose)

    run = site.last("plan.yml")
    assert (run.jobs["plan"].conclusion, run.jobs["offline"].conclusion) == ("skipped", "success")
    assert "offline" in run.summary
    assert "1 to submit" in run.summary
    assert site.hub.state.comments_on(pull.number) == []
    assert emulator.requests.list == []
    assert site.issuer.asked == []
    assert site.hub.requests == []


def test_a_fork_gets_no_variant_for_its_label(
    site: Site, checkout: Checkout, emulator: Emulator
) -> None:
    checkout.begin("foreign")
    checkout.train(epochs=6)
    checkout.publish()
    pull = site.open("foreign", fork="eve/pets")

    [run] = site.label(pull, "run-before-merge")

    assert run.conclusion == "skipped"
    assert emulator.requests.list == []


def test_until_a_workspace_is_named_nothing_asks_one(
    site: Site, checkout: Checkout, emulator: Emulator
) -> None:
    site.vars.clear()
    checkout.begin("change")
    checkout.train(epochs=6)
    checkout.publish()

    pull = site.open("change")
    site.merge(pull)
    for file in ("advance.yml", "drift.yml"):
        site.schedule(file)

    assert "1 to submit" in site.last("plan.yml").summary
    assert {run.conclusion for run in site.runs if run.file not in ("plan.yml", "ci.yml")} == {
        "skipped"
    }
    assert emulator.requests.list == []


def test_what_a_label_runs_is_found_after_the_merge(
    site: Site, checkout: Checkout, emulator: Emulator
) -> None:
    site.dispatch("reconcile.yml", verb="reconcile")
    checkout.begin("longer")
    checkout.train(epochs=6)
    checkout.publish()
    pull = site.open("longer")

    site.label(pull, "question")
    assert site.last("variant.yml").conclusion == "skipped"
    site.label(pull, "run-before-merge")

    assert site.last("variant.yml").conclusion == "success"
    assert runs_of(emulator) == {"train": 2}
    for run_id in emulator.state.runs:
        emulator.jobs.wait(run_id)
    site.schedule("advance.yml")
    plan, results = site.hub.state.comments_on(pull.number)
    assert "1 to submit" not in plan.body
    assert "0.96" in results.body

    site.merge(pull)

    assert site.last("reconcile.yml").conclusion == "success"
    assert runs_of(emulator) == {"train": 2}
    assert site.hub.state.comments_on(pull.number) == [plan, results]
    status = site.hub.state.status(pull.head_sha, "gitrain/results (azure)")
    assert status is not None
    assert status.state == "success"
