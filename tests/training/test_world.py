"""Several processes that train one model."""

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from .conftest import Folder

# What torch's import sets off.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:FutureWarning")

FLAGS = ("--epochs", 3, "--seed", 2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def pair(path: Path) -> list[Folder]:
    """Two views of one folder, each with its own log."""
    path.mkdir(exist_ok=True)
    return [Folder(path, log_name=f"rank-{rank}.txt") for rank in (0, 1)]


def torch_form(rank: int, port: int) -> dict[str, object]:
    return {
        "RANK": rank,
        "LOCAL_RANK": rank,
        "WORLD_SIZE": 2,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
    }


def mpi_form(rank: int, port: int) -> dict[str, object]:
    return {
        "OMPI_COMM_WORLD_RANK": rank,
        "OMPI_COMM_WORLD_LOCAL_RANK": rank,
        "OMPI_COMM_WORLD_SIZE": 2,
        "MASTER_PORT": port,
        "MASTER_ADDR": "127.0.0.1",
    }


def run_both(path: Path, form=torch_form, kill_after: str = "") -> list[int]:
    port = free_port()
    started = [
        (folder, folder.start(*FLAGS, **form(rank, port))) for rank, folder in enumerate(pair(path))
    ]
    if kill_after:
        first = started[0][0]
        while kill_after not in first.output and started[0][1].poll() is None:
            time.sleep(0.005)
        for _, process in started:
            os.kill(process.pid, signal.SIGTERM)
    return [process.wait(timeout=240) for _, process in started]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    path = tmp_path_factory.mktemp("two")
    codes = run_both(path)
    assert codes == [0, 0], [f.output for f in pair(path)]
    return pair(path)[0]


def test_two_processes_end_with_the_same_weights_and_metrics(two: Folder):
    first, second = two.result["processes"]

    assert (first["rank"], second["rank"]) == (0, 1)
    assert first["weights_sha256"] == second["weights_sha256"]
    assert first["accuracy"] == second["accuracy"] == two.rows[-1]["accuracy"]
    assert two.rows[-1]["accuracy"] >= 0.9


def test_two_processes_see_each_image_once_like_one(two: Folder, tmp_path: Path):
    alone = Folder(tmp_path)
    assert alone.run(*FLAGS) == 0, alone.output

    (one,) = alone.result["processes"]
    assert sum(process["images_seen"] for process in two.result["processes"]) == one["images_seen"]


def test_only_rank_0_speaks(two: Folder):
    assert pair(two.path)[1].output == ""


def test_stopped_together_they_go_on_together(two: Folder, tmp_path: Path):
    assert run_both(tmp_path, mpi_form, kill_after="\n    1  ") == [143, 143]

    assert run_both(tmp_path, mpi_form) == [0, 0], [f.output for f in pair(tmp_path)]

    again = pair(tmp_path)[0]
    assert again.weights == two.weights
    assert again.rows_without_times == two.rows_without_times


@pytest.mark.parametrize(
    ("env", "asked", "message"),
    [
        ({"WORLD_SIZE": "2"}, None, "RANK is not set"),
        ({"WORLD_SIZE": "2", "RANK": "0"}, None, "MASTER_ADDR is not set"),
        ({"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"}, None, "MASTER_ADDR is not"),
        ({}, 2, "--processes 2, but WORLD_SIZE is not set"),
        ({"WORLD_SIZE": "2", "RANK": "0"}, 4, "--processes 4, but WORLD_SIZE is 2"),
    ],
)
def test_one_process_does_not_pass_for_several(env: dict, asked: int | None, message: str):
    from fastparts.console import TrainingError
    from fastparts.world import read_world

    with pytest.raises(TrainingError, match=message):
        read_world(env, asked)


def test_azure_ml_says_where_mpi_processes_meet():
    from fastparts.world import World, read_world

    env = {f"OMPI_COMM_WORLD_{k}": v for k, v in (("SIZE", "8"), ("RANK", "5"))}
    env |= {"OMPI_COMM_WORLD_LOCAL_RANK": "1", "AZ_BATCH_MASTER_NODE": "10.0.0.4:6000"}

    assert read_world(env, None) == World(5, 8, 1, "10.0.0.4", "6105")
