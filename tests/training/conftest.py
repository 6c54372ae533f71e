"""Most tests here start train.py as a process, in an empty folder, as a runner would."""

import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from sklearn.datasets import load_digits

from .forks import TRAINING, Fork

CLOTHING = TRAINING.parents[1] / "shared/data/clothing-256.tar"
NOWHERE = "http://127.0.0.1:9"  # A proxy that refuses everything: no downloads.


@dataclass
class Folder:
    """A working folder in which train.py runs, or another script next to it."""

    path: Path
    log_name: str = "log.txt"

    def start(
        self, *flags: object, fresh: bool = False, **env: object
    ) -> Fork | subprocess.Popen[bytes]:
        """`fresh`: by a Python that imports all of it, as a user would; else by a copy of one."""
        argv = [str(flag) for flag in flags]
        variables = {
            **{k: v for k, v in os.environ.items() if k not in ("WORLD_SIZE", "RANK")},
            "OMP_NUM_THREADS": "1",
            "TRAINING_CACHE_DIR": str(self.path / "cache"),
            "http_proxy": NOWHERE,
            "https_proxy": NOWHERE,
            **{name: str(value) for name, value in env.items()},
        }
        with self.log.open("w") as log:
            if not fresh:
                return Fork(argv, self.path, variables, self.log)
            return subprocess.Popen(
                [sys.executable, TRAINING / "train.py", *argv],
                cwd=self.path,
                env=variables,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def run(self, *flags: object, fresh: bool = False, **env: object) -> int:
        return self.start(*flags, fresh=fresh, **env).wait(timeout=240)

    def run_until(self, text: str, number: signal.Signals, *flags: object, **env: object) -> int:
        """Signal the process group shortly after `text` is in the log."""
        process = self.start(*flags, **env)
        deadline = time.monotonic() + 240
        while text not in self.output and process.poll() is None:
            assert time.monotonic() < deadline, self.output
            time.sleep(0.005)
        os.killpg(process.pid, number)
        return process.wait(timeout=60)

    @property
    def log(self) -> Path:
        return self.path / self.log_name

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


def write_digits(root: Path, classes: int, each: int) -> None:
    """Write `root`/CLASS/N.png: the first `each` images of the first digits, enlarged."""
    images, labels = load_digits(return_X_y=True)
    for digit in range(classes):
        folder = root / f"digit-{digit}"
        folder.mkdir(parents=True)
        for i, pixels in enumerate(images[labels == digit][:each]):
            image = Image.fromarray((pixels.reshape(8, 8) * 15).astype("uint8"))
            image.resize((40, 32)).save(folder / f"{i}.png")


def take_clothing(root: Path, train: int, valid: int) -> None:
    """Unpack the first images of each class of two splits."""
    if not CLOTHING.exists():
        pytest.skip(f"needs the photographs in {CLOTHING}")
    seen: Counter[Path] = Counter()
    with tarfile.open(CLOTHING) as tar:
        for member in tar:
            folder = Path(member.name).parent
            seen[folder] += member.isfile()
            if member.isfile() and seen[folder] <= (train if "train" in folder.parts else valid):
                tar.extract(member, root, filter="data")


@pytest.fixture(autouse=True)
def _modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a test import what train.py imports."""
    monkeypatch.syspath_prepend(TRAINING)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture(scope="session")
def digits_run(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """A run of the defaults, to its end. Read it, leave it as it is."""
    run = Folder(tmp_path_factory.mktemp("digits"))
    assert run.run("--seed", 1, "--export", "onnx", fresh=True) == 0, run.output
    return run
