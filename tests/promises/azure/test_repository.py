"""The repository's own jobs in Azure ML: from an empty workspace to "No changes."."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doubles.azure.emulator import Emulator
from tests.promises.azure.azure import broken
from tests.promises.azure.clone import clone_of_this
from tests.promises.command_line.project import NO_CHANGES, Project

# They share one emulator and one reconcile.
pytestmark = pytest.mark.xdist_group("azure-repository")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator("proxy", execution="manual", collect_seconds=0.1) as emulator:
        yield emulator
        assert broken(emulator) == []


@pytest.fixture(scope="module")
def checkout(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A clone of a repository with our jobs: clean, and at the head of the remote's main."""
    return clone_of_this(tmp_path_factory.mktemp("pets"), emulator)


@pytest.fixture(scope="module")
def reconciled(checkout: Project, emulator: Emulator) -> list[str]:
    """The first reconcile's lines; the digits are being learned, the pets stay in the queue."""
    ended = checkout.reconcile("-w", "azure")
    emulator.switches.set(execution="processes")
    emulator.jobs.start(emulator.state.runs[run_of(emulator, "digits")])
    emulator.jobs.drive(run_of(emulator, "pets"), "Completed", metrics={"accuracy": 0.99})
    return ended.lines


def run_of(emulator: Emulator, word: str) -> str:
    [run_id] = [
        run_id for run_id in emulator.state.runs if run_id.startswith(f"pets-fastai-{word}")
    ]
    return run_id


def test_the_tests_here_share_one_worker(request: pytest.FixtureRequest) -> None:
    """A pytest and a pytest-xdist that do not fit drop the mark, and say nothing."""
    if not request.config.getoption("loadgroup", default=False):
        pytest.skip("only a worker of `--dist loadgroup` has groups")
    assert request.node.nodeid.endswith("@azure-repository")


def test_the_first_reconcile_makes_everything(reconciled: list[str], emulator: Emulator) -> None:
    cluster = emulator.state.computes["gpu-cluster"]["properties"]["properties"]
    assert cluster["vmSize"].upper() == "STANDARD_NC4AS_T4_V3"
    assert cluster["scaleSettings"]["minNodeCount"] == 0
    assert {name: len(made) for name, made in emulator.state.environments.items()} == {
        "fastai": 1,
        "fastai2": 1,
    }
    assert len(emulator.state.runs) == 2
    assert reconciled[-1] == (
        "Reconciled: 3 created, 0 updated, 0 replaced, 0 deleted; 2 submitted, 0 canceled; "
        "0 failed, 0 skipped."
    )


def test_the_digits_are_really_learned(
    reconciled: list[str], checkout: Project, emulator: Emulator
) -> None:
    assert emulator.jobs.wait(run_of(emulator, "digits"), 200) == "Completed"

    measured = checkout.gitrain("metrics", "-w", "azure", "fastai-digits", "-o", "json").json
    accuracy = next(one for one in measured["metrics"] if one["name"] == "accuracy")
    assert accuracy["value"] >= 0.97
    assert len(accuracy["history"]) == 8
    lines = checkout.gitrain("metrics", "-w", "azure", "fastai-digits").lines
    words = next(line.split() for line in lines if line.startswith("accuracy"))
    assert float(words[1]) == pytest.approx(accuracy["value"], abs=1e-3)


def test_the_second_reconcile_changes_and_writes_nothing(
    reconciled: list[str], checkout: Project, emulator: Emulator
) -> None:
    emulator.jobs.wait(run_of(emulator, "digits"), 200)
    emulator.requests.reset()

    ended = checkout.reconcile("-w", "azure")

    assert ended.last_line == NO_CHANGES
    assert emulator.requests.writes == []


def test_a_plan_without_changes_asks_little(
    reconciled: list[str], checkout: Project, emulator: Emulator
) -> None:
    emulator.jobs.wait(run_of(emulator, "digits"), 200)
    checkout.reconcile("-w", "azure", "--wait")
    emulator.requests.reset()

    checkout.gitrain("plan", "-w", "azure", "--detailed-exitcode")

    asked = sum(count for kind, count in emulator.requests.counts().items() if kind != "token")
    assert asked <= 6 + len(emulator.state.environments) + len(emulator.state.experiments)


def test_only_the_head_of_a_clean_main_is_reconciled(
    reconciled: list[str], checkout: Project, emulator: Emulator
) -> None:
    emulator.requests.reset()
    note = checkout.write("note.txt", "not committed\n")

    refused = checkout.reconcile("-w", "azure", code=4)
    note.unlink()

    assert "clean tree" in refused.out + refused.err
    assert emulator.requests.writes == []


def test_the_pets_finished_without_being_executed(
    reconciled: list[str], checkout: Project, emulator: Emulator
) -> None:
    run = emulator.state.runs[run_of(emulator, "pets")]
    status = checkout.gitrain("status", "-w", "azure", "-o", "json").json["resources"]
    pets = next(one for one in status if one["name"] == "fastai-pets")

    assert (run.starts, run.status) == (0, "Completed")
    assert pets["run"]["id"] == run.id
    assert (pets["sync"], pets["health"]) == ("Synced", "Healthy")
