"""MLflow itself, and what its store says afterwards."""

import http.server
import signal
import threading
from pathlib import Path

import pytest

from .conftest import Folder

FLAGS = ("--epochs", 3, "--seed", 5)


@pytest.fixture
def tracking(folder: Folder) -> dict[str, object]:
    """MLflow 3 wants to be told that a folder is meant; its databases need ten packages more."""
    return {"MLFLOW_TRACKING_URI": folder.path / "mlruns", "MLFLOW_ALLOW_FILE_STORE": "true"}


def stored(folder: Folder, kind: str) -> dict[str, str]:
    """The files of the only run, as MLflow's file store lays them out."""
    (run,) = folder.path.glob("mlruns/0/*/meta.yaml")
    return {path.name: path.read_text() for path in (run.parent / kind).iterdir()}


def test_a_killed_and_resumed_training_is_one_run_with_each_epoch_once(
    folder: Folder, tracking: dict[str, object]
):
    assert folder.run_until("\n    1  ", signal.SIGKILL, *FLAGS, **tracking) == -signal.SIGKILL
    # Other threads are the same training, but MLflow takes no other value for a parameter.
    assert folder.run(*FLAGS, "--workers", 2, fresh=True, **tracking) == 0, folder.output

    assert "MLflow failed" not in folder.output
    params, metrics = stored(folder, "params"), stored(folder, "metrics")
    assert {"epochs": "3", "seed": "5", "arch": "small-cnn"}.items() <= params.items()
    assert metrics.keys() == folder.rows[0].keys() - {"epoch"}
    for name, lines in metrics.items():
        logged = [line.split() for line in lines.splitlines()]  # time, value, step
        assert [int(step) for _, _, step in logged] == [1, 2, 3]
        if name != "seconds":  # Those of an epoch that was logged, and lost, are other ones.
            assert [float(value) for _, value, _ in logged] == [row[name] for row in folder.rows]
    assert "status: 3" in next(folder.path.glob("mlruns/0/*/meta.yaml")).read_text()  # finished


def test_the_run_that_the_environment_names_is_used(folder: Folder, tracking: dict[str, object]):
    """As in Azure ML, which starts the run and its process anew after a preemption."""
    assert folder.run("--epochs", 1, **tracking) == 0, folder.output
    (run,) = folder.path.glob("mlruns/0/*/meta.yaml")
    named = {**tracking, "MLFLOW_RUN_ID": run.parent.name}

    assert folder.run("--epochs", 1, GITRAIN_CHECKPOINT_DIR="others", **named) == 0, folder.output

    assert len(stored(folder, "metrics")["accuracy"].splitlines()) == 1


def test_nobody_else_is_told_of_a_training(
    folder: Folder, tracking: dict[str, object], monkeypatch: pytest.MonkeyPatch
):
    """Outside of a CI and of tests MLflow would tell its makers."""
    for name in ("CI", "GITHUB_ACTIONS", "PYTEST_CURRENT_TEST", "DO_NOT_TRACK"):
        monkeypatch.delenv(name, raising=False)
    asked: list[str] = []

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            asked.append(self.path)
            self.send_error(403)

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        through = {"https_proxy": f"http://127.0.0.1:{proxy.server_port}"}
        assert folder.run("--epochs", 1, fresh=True, **tracking, **through) == 0, folder.output
        proxy.shutdown()

    assert asked == []


def test_a_server_that_cannot_be_reached_does_not_stop_the_training(folder: Folder):
    nowhere = {
        "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": 0,
    }

    assert folder.run("--epochs", 2, **nowhere) == 0, folder.output

    assert folder.output.count("MLflow failed, continuing without it") == 1
    assert len(folder.rows) == 2


def test_without_mlflow_the_training_goes_on_and_says_so(folder: Folder, tmp_path: Path):
    (tmp_path / "sitecustomize.py").write_text('import sys\n\nsys.modules["mlflow"] = None\n')
    env = {"PYTHONPATH": tmp_path, "MLFLOW_TRACKING_URI": "http://127.0.0.1:9"}

    assert folder.run("--epochs", 1, fresh=True, **env) == 0, folder.output

    assert "mlflow is not installed" in folder.output
