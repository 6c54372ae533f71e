"""After the merge: the workspace follows main, with nobody's help."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.doubles.actions.site import Site
from tests.doubles.azure.emulator import Emulator
from tests.doubles.github.state import Pull
from tests.promises.command_line.processes import until
from tests.promises.pull_requests.conftest import Checkout, runs_of

pytestmark = pytest.mark.xdist_group("rehearsal-merge")


def begun(site: Site) -> None:
    """Main is reconciled, and its run is over."""
    site.dispatch("reconcile.yml", verb="reconcile")
    wait(site)


def wait(site: Site) -> None:
    for run_id in list(site.emulator.state.runs):
        site.emulator.jobs.wait(run_id)


def merged(site: Site, checkout: Checkout, branch: str, how: str = "squash") -> Pull:
    """What is in the working tree, through a pull request, on main."""
    checkout.publish(branch)
    pull = site.open(branch)
    site.merge(pull, how)
    return pull


def test_a_merge_submits_once_and_its_results_come_back_once(
    site: Site, checkout: Checkout, emulator: Emulator
) -> None:
    begun(site)
    checkout.begin("longer")
    checkout.train(epochs=6)

    pull = merged(site, checkout, "longer")

    assert site.last("reconcile.yml").conclusion == "success"
    assert runs_of(emulator) == {"train": 2}
    wait(site)
    site.schedule("advance.yml")

    plan, results = site.hub.state.comments_on(pull.number)
    assert "accuracy" in results.body
    assert "0.96" in results.body
    assert "+0.01" in results.body
    assert "0.96" not in plan.body
    status = site.hub.state.status(pull.head_sha, "gitrain/results (azure)")
    assert status is not None
    assert status.state == "success"
    site.schedule("advance.yml")
    assert len(site.hub.state.comments_on(pull.number)) == 2
    assert runs_of(emulator) == {"train": 2}


def test_a_missed_gate_is_a_failed_status(site: Site, checkout: Checkout) -> None:
    checkout.begin("worse")
    checkout.train(epochs=1, gates=["accuracy >= 0.95"])

    pull = merged(site, checkout, "worse", "merge")
    wait(site)
    site.schedule("advance.yml")

    status = site.hub.state.status(pull.head_sha, "gitrain/results (azure)")
    assert status is not None
    assert status.state == "failure"
    body = site.hub.state.comments_on(pull.number)[-1].body
    assert "missed" in body
    assert "0.91" in body


def test_a_chain_completes_with_nobody_s_help(
    site: Site, checkout: Checkout, emulator: Emulator
) -> None:
    checkout.begin("chain")
    command = "echo weights > ${{outputs.model}}/w"
    checkout.train("first", 6, command=command, outputs={"model": {"type": "uri_folder"}})
    base = {"epochs": 7, "base": "${{jobs.first.outputs.model}}"}
    checkout.train("then", command="cat ${{inputs.base}}/w", inputs=base)

    merged(site, checkout, "chain")
    assert runs_of(emulator) == {"train": 1, "first": 1}
    rounds = 0
    while site.schedule("advance.yml").jobs["advance"].conclusion != "skipped":
        wait(site)
        rounds += 1
        assert rounds <= 3, site.last("advance.yml").log

    assert runs_of(emulator) == {"train": 1, "first": 1, "then": 1}
    assert {run.status for run in emulator.state.runs.values()} == {"Completed"}


def test_of_eight_merges_only_the_last_one_s_workflow_runs_and_nothing_is_lost(
    site: Site, checkout: Checkout, emulator: Emulator
) -> None:
    emulator.switches.set(execution="instant")
    pulls = []
    for number in range(8):
        checkout.begin(f"job-{number}")
        checkout.train(f"job{number}", epochs=number)
        checkout.publish()
        pulls.append(site.hub.open_pull(f"job-{number}"))

    with site.held():
        for pull in pulls:
            site.merge(pull)

    reconciles = [run for run in site.runs if run.file == "reconcile.yml"]
    assert [run.evicted for run in reconciles] == [True] * 7 + [False]
    assert runs_of(emulator) == {"train": 1} | {f"job{number}": 1 for number in range(8)}
    assert reconciles[-1].conclusion == "success"


def test_a_cancelled_reconcile_is_finished_by_the_next_one(
    site: Site, checkout: Checkout, emulator: Emulator
) -> None:
    for name in ("second", "third"):
        checkout.train(name)
    checkout.begin("more")
    checkout.publish()
    pull = site.hub.open_pull("more")
    # The first submission takes place, and its answer does not come: gitrain cannot end in time.
    stuck = emulator.faults.add("POST .*/snapshotrun", when="after", delay=15)
    site.cancel_when = lambda: stuck.struck > 0

    site.merge(pull)

    cancelled = site.last("reconcile.yml")
    assert cancelled.conclusion == "cancelled"
    assert cancelled.jobs["reconcile"].signals[:2] == [signal.SIGINT, signal.SIGTERM]
    assert sum(runs_of(emulator).values()) < 3
    site.cancel_when = None
    emulator.faults.clear()
    site.schedule("advance.yml")
    assert runs_of(emulator) == {"train": 1, "second": 1, "third": 1}


def test_what_one_does_by_hand_goes_through_the_workflow(
    site: Site, checkout: Checkout, emulator: Emulator, tmp_path: Path
) -> None:
    checkout.train("slow", command="sleep 60")
    checkout.publish()
    with site.held():
        for inputs in ({"verb": "reconcile", "name": "train"}, {"verb": "reconcile"}):
            site.dispatch("reconcile.yml", **inputs)
    assert [run.evicted for run in site.runs] == [False, False]
    assert runs_of(emulator) == {"train": 1, "slow": 1}

    site.dispatch("reconcile.yml", verb="cancel", name="slow")
    wait(site)
    assert {run.status for run in emulator.state.runs.values()} == {"Completed", "Canceled"}

    site.dispatch("reconcile.yml", verb="rerun", name="train", workspace="azure")
    assert runs_of(emulator) == {"train": 2, "slow": 1}

    refused = site.dispatch("reconcile.yml", verb="rerun", name="--help")
    assert refused.conclusion == "failure"
    assert "there is no job --help" in refused.log
    missing = site.dispatch("reconcile.yml", verb="adopt", name="train", run="nothing")
    assert missing.conclusion == "failure"


def test_the_schedule_ends_at_once_when_all_has_settled(
    site: Site, checkout: Checkout, emulator: Emulator
) -> None:
    begun(site)
    site.schedule("advance.yml")
    emulator.requests.reset()

    run = site.schedule("advance.yml")

    assert run.jobs["ask"].outputs == {"state": "success"}
    assert run.jobs["advance"].conclusion == "skipped"
    assert emulator.requests.list == []
    checkout.train(epochs=9)
    checkout.publish("A push that started no workflow")
    assert site.schedule("advance.yml").jobs["advance"].conclusion == "success"
    assert runs_of(emulator) == {"train": 2}


def test_drift_opens_one_issue_and_closes_it(
    site: Site, checkout: Checkout, emulator: Emulator
) -> None:
    begun(site)
    site.schedule("drift.yml")
    assert site.hub.state.issues == {}

    cluster = emulator.state.computes["cpu"]["properties"]["properties"]
    cluster["scaleSettings"]["maxNodeCount"] = 9
    for _ in range(2):
        site.schedule("drift.yml")
    [issue] = site.hub.state.issues.values()
    assert issue.state == "open"
    assert "instances 9 → 4" in issue.body
    site.dispatch("reconcile.yml", verb="reconcile")
    site.schedule("drift.yml")

    assert issue.state == "closed"
    assert "matches its manifests" in site.last("drift.yml").log
    assert list(site.hub.state.issues.values()) == [issue]


def test_a_secret_is_in_nothing_that_one_can_read(
    site: Site, checkout: Checkout, emulator: Emulator
) -> None:
    site.secrets["WANDB_API_KEY"] = "canary-wandb-2f6b"
    for file in ("reconcile.yml", "advance.yml"):
        path = checkout.root / ".github/workflows" / file
        path.write_text(path.read_text().replace("# WANDB_API_KEY:", "WANDB_API_KEY:"))
    checkout.publish("Hand on the key")
    checkout.begin("key")
    environment = {"WANDB_API_KEY": {"env": "WANDB_API_KEY"}}
    checkout.train(epochs=6, environment_variables=environment)

    merged(site, checkout, "key")
    wait(site)
    site.schedule("advance.yml")
    site.schedule("drift.yml")

    assert runs_of(emulator) == {"train": 1}
    assert [run.status for run in emulator.state.runs.values()] == ["Completed"]
    until(lambda: len(site.texts()) > 5)
    canaries = ["canary-wandb", "ghs_", "request-token", *site.issuer.handed_out]
    left = [path.read_text(errors="replace") for path in site.folder.rglob("*") if path.is_file()]
    for text in (*site.texts(), *left):
        assert [one for one in canaries if one in text] == []
