"""One policy of retries, for our own requests and for those that the SDK makes by itself."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from gitrain.errors import UnavailableError
from gitrain.workspaces.azureml.workspace import AzuremlRuns
from tests.doubles.azure.emulator import Emulator
from tests.unit.workspaces.azureml.place import NO_PAUSE, a_submission
from tests.unit.workspaces.azureml.test_traps import an_environment

START = "POST .*/snapshotrun"
# What a submission of new code and a new environment asks for, all of it by the SDK.
SDKS = (
    "PUT .*/environments/env/versions/",
    "GET .*/snapshots/latest/metadata",
    "POST .*/snapshots/getblob",
    "PUT .*/LocalUpload/",
    "HEAD .*/LocalUpload/",
    "POST .*/snapshots/[0-9a-f]{8}-",
    START,
    "PATCH .*/experiments/pets/runs/",
)
FAULTS: dict[str, dict[str, Any]] = {
    "408": {"status": 408},
    "429": {"status": 429, "headers": {"Retry-After": "0"}},
    "503": {"status": 503},
    "500 after": {"status": 500, "when": "after"},
    "reset": {"reset": True},
    "lost": {"reset": True, "when": "after"},
    "truncated": {"truncate": True, "when": "after"},
    "401": {"status": 401},
}


# Each kind of request with a refusal, a lost answer and a token that is not taken, where one is
# sent; and the start of a run with all. `make fault-matrix` has the rest.
CASES = (
    *((kind, fault) for kind in SDKS for fault in ("503", "lost")),
    *((kind, "401") for kind in SDKS if "LocalUpload" not in kind),
    *((START, fault) for fault in FAULTS if fault not in ("503", "lost", "401")),
)


def submit_all(workspace: AzuremlRuns) -> str:
    workspace.register_environment(an_environment(image="i"))
    return workspace.submit(a_submission()).id


@pytest.mark.parametrize(("request_of_the_sdk", "fault"), CASES)
def test_a_failure_that_passes_is_none(
    emulator: Emulator, workspace: AzuremlRuns, request_of_the_sdk: str, fault: str
) -> None:
    set_fault = emulator.faults.add(request_of_the_sdk, **FAULTS[fault])

    run_id = submit_all(workspace)

    assert set_fault.struck == 1
    assert list(emulator.state.environments["env"]) == ["0123456789ab", "1"]
    assert list(emulator.state.runs) == [run_id]
    assert emulator.state.runs[run_id].submissions == 1


@pytest.mark.parametrize("second", ["refused", "conflict", "accepted"])
def test_a_start_whose_answer_is_lost_is_looked_for_and_not_repeated(
    emulator: Emulator, workspace: AzuremlRuns, second: str
) -> None:
    emulator.switches.set(second_submission=second)
    emulator.faults.add(START, when="after", status=503)

    run = workspace.submit(a_submission())

    assert emulator.state.runs[run.id].submissions == 1
    assert len([one for one in emulator.requests.of() if "snapshotrun" in one.path]) == 1


def test_the_sdk_waits_as_long_as_azure_asks(emulator: Emulator, workspace: AzuremlRuns) -> None:
    emulator.faults.add(SDKS[0], status=429, headers={"Retry-After": "1"})

    begun = time.monotonic()
    workspace.register_environment(an_environment(image="i"))

    assert 1.0 <= time.monotonic() - begun < 10.0


def test_an_outage_that_lasts_is_asked_about_no_more_often_than_the_policy_says(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    fault = emulator.faults.add(SDKS[2], times=None, status=503)

    with pytest.raises(UnavailableError, match=r"Azure answered 503 to POST .*getblob"):
        workspace.submit(a_submission())

    assert fault.struck == 1 + len(NO_PAUSE)


@pytest.mark.parametrize("match", [SDKS[1], "GET .*/runs/pets-train-"])
def test_an_answer_that_is_cut_off_is_no_refusal(
    emulator: Emulator, workspace: AzuremlRuns, match: str
) -> None:
    emulator.faults.add(match, times=None, truncate=True)

    with pytest.raises(UnavailableError, match="was cut off"):
        workspace.submit(a_submission())


def test_other_requests_of_the_process_are_left_alone_afterwards(
    emulator: Emulator, workspace: AzuremlRuns
) -> None:
    workspace.register_environment(an_environment(image="i"))
    emulator.faults.add("GET /anything", status=503)

    assert requests.get(f"{emulator.url}/anything", timeout=5).status_code == 503
    emulator.unknown.clear()
