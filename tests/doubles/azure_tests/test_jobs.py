"""What is submitted really runs, and what it leaves is found."""

import pytest

from .processes import StepFailed

JOB = """
import os, pathlib
print("hello", pathlib.Path(os.environ["pictures"], "cat.txt").read_text())
pathlib.Path(os.environ["model"], "weights").write_text("42")
pathlib.Path("outputs/metrics.jsonl").write_text('{"step": 1, "loss": 0.5}')
from azureml.core import Run
run = Run.get_context()
for value in (0.1, 0.9):
    run.log("accuracy", value)
run.flush()
"""

MLFLOW = """
import json, os, time, urllib.request
def post(verb, **body):
    request = urllib.request.Request(
        os.environ["MLFLOW_TRACKING_URI"] + "/api/2.0/mlflow/" + verb,
        json.dumps(body | {"run_id": os.environ["MLFLOW_RUN_ID"]}).encode(),
        {"Authorization": "Bearer " + os.environ["MLFLOW_TRACKING_TOKEN"]})
    urllib.request.urlopen(request)
now = int(time.time() * 1000)
for step in (1, 2):
    post("runs/log-metric", key="loss", value=1 / step, timestamp=now, step=step)
post("runs/log-parameter", key="lr", value="0.1")
"""

RESUMES = """
import pathlib, time
saved = pathlib.Path("outputs/checkpoint")
if saved.exists():
    assert not pathlib.Path("scratch").exists()
    print("resumed from", saved.read_text())
else:
    pathlib.Path("scratch").write_text("lost")
    saved.write_text("epoch 1")
    time.sleep(60)
"""


@pytest.fixture
def cluster(world):
    world.emulator.add_cluster("cpu")
    return world


@pytest.fixture
def quick(plain):
    plain.emulator.add_cluster("cpu")
    return plain


def test_a_job_finds_its_data_and_leaves_metrics_logs_and_outputs(cluster):
    emulator, client = cluster.emulator, cluster.client
    emulator.blobs.put(emulator.blobs.container, "in/cat.txt", b"a cat")

    client.submit(
        run_id="pets-1",
        command="python train.py",
        files={"train.py": JOB},
        inputs={"pictures": "in"},
        outputs={"model": "gitrain/pets-1/model"},
        tags={"job": "pets", "digest": "abc"},
    )

    assert emulator.jobs.wait("pets-1") == "Completed"
    assert client.metrics(run_id="pets-1") == {"accuracy": [0.1, 0.9]}
    assert "hello a cat" in client.details(run_id="pets-1")["logs"]["user_logs/std_log.txt"]
    assert "loss" in client.download(run_id="pets-1", name="outputs/metrics.jsonl")
    assert client.list_blobs(prefix="gitrain/pets-1/") == ["gitrain/pets-1/model/weights"]
    assert client.runs(tags={"job": "pets", "digest": "abc"}) == ["pets-1"]
    assert client.runs(tags={"job": "dogs"}) == []


def test_a_changed_folder_is_what_the_next_job_gets(quick):
    for number, text in enumerate(("one", "two", "one")):
        quick.client.submit(
            run_id=f"r{number}",
            command="cat code.txt deep/a",
            files={"code.txt": text, "deep/a": "!"},
        )
        quick.emulator.jobs.wait(f"r{number}")

    logs = [quick.client.details(run_id=f"r{n}")["logs"]["user_logs/std_log.txt"] for n in range(3)]
    assert [log.split()[0] for log in logs] == ["one!", "two!", "one!"]


def test_a_job_that_only_knows_mlflow_can_log(quick):
    quick.client.submit(run_id="m", command="python log.py", files={"log.py": MLFLOW})

    assert quick.emulator.jobs.wait("m") == "Completed"
    assert quick.client.metrics(run_id="m") == {"loss": [1.0, 0.5]}
    assert quick.emulator.state.runs["m"].parameters == {"lr": "0.1"}


def test_a_run_goes_through_its_statuses(quick):
    quick.emulator.switches.set(phase_seconds=0.2)

    quick.client.submit(run_id="s", command="sleep 0.2")

    for status in ("Starting", "Preparing", "Running", "Finalizing", "Completed"):
        quick.emulator.jobs.wait("s", 10, status)


def test_a_failing_command_fails_the_run_with_its_exit_code(quick):
    quick.client.submit(run_id="f", command="echo oh no >&2; exit 3")

    assert quick.emulator.jobs.wait("f") == "Failed"
    found = quick.client.details(run_id="f")
    assert "status code 3" in found["error"]["error"]["message"]
    assert found["logs"]["user_logs/std_log.txt"] == "oh no\n"


def test_cancel_asks_and_then_kills(cluster):
    saves = "trap 'echo saved > outputs/state; exit 143' TERM; echo ready; sleep 60 & wait"
    cluster.client.submit(run_id="c", command=saves)
    cluster.emulator.jobs.wait("c", 10, "Running")
    _wait_for_log(cluster, "c", "ready")

    cluster.client.cancel(run_id="c")

    assert cluster.emulator.jobs.wait("c") == "Canceled"
    assert cluster.client.download(run_id="c", name="outputs/state") == "saved\n"


def _wait_for_log(world, run_id, text):
    for _ in range(200):
        if text in world.client.details(run_id=run_id)["logs"].get("user_logs/std_log.txt", ""):
            return
    raise AssertionError(f"{text} never appeared in the log")


def test_a_job_that_takes_too_long_is_stopped(quick):
    quick.client.submit(run_id="t", command="sleep 60", seconds=1)

    assert quick.emulator.jobs.wait("t") == "Canceled"
    assert "maximum duration" in quick.client.details(run_id="t")["error"]["error"]["message"]


def test_a_preempted_job_starts_again_with_its_outputs_and_nothing_else(quick):
    quick.client.submit(run_id="p", command="python train.py", files={"train.py": RESUMES})
    while "outputs/checkpoint" not in quick.client.files(run_id="p"):
        assert quick.emulator.state.runs["p"].status != "Failed"

    quick.emulator.jobs.preempt("p")

    assert quick.emulator.jobs.wait("p") == "Completed"
    assert quick.emulator.state.runs["p"].starts == 2
    log = quick.client.details(run_id="p")["logs"]["user_logs/std_log.txt"]
    assert log == "resumed from epoch 1\n"


@pytest.mark.parametrize(
    ("distribution", "variable"),
    [
        ({"process_count": 4, "node_count": 2}, "$RANK/$WORLD_SIZE/$LOCAL_RANK"),
        (
            {"process_count_per_node": 2, "node_count": 2},
            "$OMPI_COMM_WORLD_RANK/$OMPI_COMM_WORLD_SIZE/$OMPI_COMM_WORLD_LOCAL_RANK",
        ),
    ],
)
def test_each_process_of_a_distributed_job_knows_its_rank(quick, distribution, variable):
    quick.client.submit(run_id="d", command=f"echo {variable}", distribution=distribution)

    assert quick.emulator.jobs.wait("d") == "Completed"
    logs = quick.client.details(run_id="d")["logs"]
    said = sorted(text.strip() for name, text in logs.items() if name.startswith("user_logs/"))
    assert said == ["0/4/0", "1/4/1", "2/4/0", "3/4/1"]


def test_a_job_waits_in_the_queue_for_a_node(quick):
    quick.emulator.add_cluster("one", most=1)
    quick.client.submit(run_id="first", command="sleep 60", cluster="one")
    quick.emulator.jobs.wait("first", 10, "Running")

    quick.client.submit(run_id="second", command="true", cluster="one")
    quick.emulator.jobs.wait("second", 10, "Queued")
    quick.client.cancel(run_id="first")

    assert quick.emulator.jobs.wait("second") == "Completed"


def test_a_cluster_in_trouble_says_so_and_gives_no_nodes(quick):
    quick.emulator.set_trouble("cpu", "The quota is used up.")

    quick.client.submit(run_id="q", command="true")

    quick.emulator.jobs.wait("q", 10, "Queued")
    assert quick.client.cluster(name="cpu")["status"]["errors"][0]["error"]["message"].startswith(
        "The quota"
    )
    quick.emulator.set_trouble("cpu")
    assert quick.emulator.jobs.wait("q") == "Completed"


def test_an_image_that_cannot_be_built_fails_the_run_with_a_build_log(quick):
    quick.emulator.switches.set(broken_images="plain")

    quick.client.submit(run_id="b")

    assert quick.emulator.jobs.wait("b") == "Failed"
    found = quick.client.details(run_id="b")
    assert found["error"]["error"]["code"] == "ImageBuildFailure"
    assert "ERROR" in found["logs"]["azureml-logs/20_image_build_log.txt"]


def test_an_input_that_does_not_exist_fails_the_run(quick):
    quick.client.submit(run_id="i", inputs={"pictures": "nowhere"})

    assert quick.emulator.jobs.wait("i") == "Failed"


def test_a_mounted_reference_is_written_to_the_store(quick):
    command = "echo x > $AZUREML_DATAREFERENCE_out/x"
    quick.client.submit(run_id="o", command=command, references={"out": "gitrain/o"})

    assert quick.emulator.jobs.wait("o") == "Completed"
    assert quick.client.list_blobs(prefix="gitrain/") == ["gitrain/o/x"]


def test_an_unknown_cluster_is_refused(quick):
    with pytest.raises(StepFailed, match="Unknown compute target"):
        quick.client.submit(run_id="u", cluster="nowhere")

    assert "u" not in quick.emulator.state.runs
