"""Every test here starts train.py as a process, in an empty folder, as a runner would.

They are slow because importing fastai takes 4 to 6 s of CPU each time; the trainings themselves
are short.
"""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

TRAINING = Path(__file__).parents[2] / "training"
NOWHERE = "http://127.0.0.1:9"  # A proxy that refuses: no download, whatever the machine can reach.


@dataclass
class Folder:
    """A working folder in which train.py runs."""

    path: Path

    def start(self, *flags: object, **env: object) -> subprocess.Popen[str]:
        variables = {
            **{k: v for k, v in os.environ.items() if k not in ("WORLD_SIZE", "RANK")},
            "OMP_NUM_THREADS": "1",
            "http_proxy": NOWHERE,
            "https_proxy": NOWHERE,
            **{name: str(value) for name, value in env.items()},
        }
        with self.log.open("w") as log:
            return subprocess.Popen(
                [sys.executable, TRAINING / "train.py", *map(str, flags)],
                cwd=self.path,
                env=variables,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,  # So that a test can signal the whole group.
            )

    def run(self, *flags: object, **env: object) -> int:
        return self.start(*flags, **env).wait(timeout=120)

    def run_until(self, text: str, number: signal.Signals, *flags: object, **env: object) -> int:
        """Signal the process group shortly after `text` is in the log."""
        process = self.start(*flags, **env)
        deadline = time.monotonic() + 120
        while text not in self.output and process.poll() is None:
            assert time.monotonic() < deadline, self.output
            time.sleep(0.005)
        os.killpg(process.pid, number)
        return process.wait(timeout=60)

    @property
    def log(self) -> Path:
        return self.path / "log.txt"

    @property
    def output(self) -> str:
        return self.log.read_text()

    @property
    def weights(self) -> bytes:
        return (self.path / "outputs/model.safetensors").read_bytes()

    @property
    def result(self) -> dict:
        return json.loads((self.path / "outputs/result.json").read_text())

    @property
    def rows(self) -> list[dict]:
        text = (self.path / "outputs/metrics.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    @property
    def rows_without_times(self) -> list[dict]:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in self.rows]

    @property
    def checkpoints(self) -> list[Path]:
        return sorted((self.path / "outputs/checkpoints").glob("*.ckpt"))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture(scope="session")
def digits_run(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A run of the defaults, to its end. Read it, leave it as it is."""
    run = Folder(tmp_path_factory.mktemp("digits"))
    assert run.run("--seed", 1) == 0, run.output
    return run
