"""Faults strike the request they are set for, with the effect that they say."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

from .processes import Client, StepFailed


@pytest.fixture
def manual(plain):
    plain.emulator.switches.set(execution="manual")
    plain.emulator.add_cluster("cpu")
    return plain


@pytest.fixture
def disposable(manual, tmp_path):
    """A client that may be killed."""
    client = Client(manual.emulator, tmp_path)
    yield client
    client.close()


def test_a_status_before_the_effect_is_answered_and_the_sdk_tries_again(manual):
    fault = manual.emulator.faults.add("POST /execution", status=503, headers={"Retry-After": "1"})

    manual.client.submit(run_id="a")

    assert (fault.seen, fault.struck) == (2, 1)
    assert manual.emulator.state.runs["a"].submissions == 1


@pytest.mark.parametrize("lost", [{"status": 500}, {"reset": True}, {"truncate": True}])
def test_an_answer_that_is_lost_leaves_one_run(manual, lost):
    manual.emulator.faults.add("POST /execution", when="after", **lost)

    with pytest.raises(StepFailed):
        manual.client.submit(run_id="a")

    assert list(manual.emulator.state.runs) == ["a"]


def test_the_nth_request_of_a_kind_is_struck(manual):
    manual.emulator.faults.add(".", kind="environment", nth=2, status=403, body={"error": {}})

    manual.client.register(name="one")

    with pytest.raises(StepFailed, match="403"):
        manual.client.register(name="two")
    assert manual.client.environments() == {"one": "1"}


def test_a_delay_comes_before_the_answer(manual):
    manual.emulator.faults.add("GET /rp", delay=0.3)

    assert manual.client.clusters() == ["cpu"]


@pytest.mark.parametrize(("when", "runs"), [("before", []), ("after", ["a"])])
def test_the_client_is_killed_before_or_after_the_effect(manual, disposable, when, runs):
    manual.emulator.faults.add("POST /execution", when=when, kill=True)

    with pytest.raises(StepFailed, match=str(-signal.SIGKILL)):
        disposable.submit(run_id="a")

    assert list(manual.emulator.state.runs) == runs


def test_a_new_run_is_not_seen_for_some_reads(manual):
    manual.emulator.faults.lag("run", reads=1)
    manual.client.submit(run_id="a")

    with pytest.raises(StepFailed, match="not found"):
        manual.client.run(run_id="a")
    assert manual.client.run(run_id="a")["kind"] == "ScriptRun"


@pytest.mark.parametrize("kind", ["compute", "environment"])
def test_new_clusters_and_environments_can_lag_behind_too(plain, kind):
    plain.emulator.faults.lag(kind, seconds=0.3)
    plain.emulator.add_cluster("cpu")
    plain.client.register(name="train")

    early = {"compute": plain.client.clusters(), "environment": list(plain.client.environments())}
    time.sleep(0.3)

    assert early == {"compute": ["cpu"], "environment": ["train"]} | {kind: []}
    assert plain.client.clusters() == ["cpu"]
    assert plain.client.environments() == {"train": "1"}


def test_of_two_clients_with_one_run_id_only_one_starts_a_run(manual, disposable):
    def submit(client: Client) -> None:
        with contextlib.suppress(StepFailed):
            client.submit(run_id="a")

    with ThreadPoolExecutor() as pool:
        list(pool.map(submit, (manual.client, disposable)))

    assert manual.emulator.state.runs["a"].submissions == 2
    assert len(manual.emulator.state.runs) == 1


def test_an_expired_token_is_refused_until_there_is_a_new_one(manual):
    manual.emulator.tokens.expire()

    with pytest.raises(StepFailed, match="401"):
        manual.client.clusters()
    manual.client.token_file.write_text(manual.emulator.tokens.mint())
    assert manual.client.clusters() == ["cpu"]


def test_reads_and_writes_are_counted(manual):
    manual.emulator.requests.reset()

    manual.client.clusters()
    manual.client.register(name="one")

    assert manual.emulator.requests.reads == 1
    assert [request.method for request in manual.emulator.requests.writes] == ["PUT"]


def test_the_emulator_runs_as_a_process_of_its_own(tmp_path):
    command = [sys.executable, "-m", "tests.doubles.azure", "--execution", "manual"]
    command += ["--state", str(tmp_path / "state"), "--config", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        first = json.loads(process.stdout.readline())
        _post(first["url"], "faults", {"match": "^GET /subscriptions", "status": 418})
        with urllib.request.urlopen(f"{first['url']}/_emul/state") as answer:
            state = json.load(answer)
        os.kill(process.pid, signal.SIGTERM)

    assert process.returncode == 0
    assert state["faults"][0]["status"] == 418
    assert state["switches"]["execution"] == "manual"
    assert first["environment"]["HTTPS_PROXY"] == first["url"]
    assert json.loads((tmp_path / "config.json").read_text())["workspace_name"] == "pets"


def _post(url, what, body):
    request = urllib.request.Request(f"{url}/_emul/{what}", json.dumps(body).encode())
    urllib.request.urlopen(request).close()
