"""train.py as processes that need not import fastai, which takes 5 s of CPU each time.

Each is a copy, made by fork, of one process that has imported the trainer and run nothing of it:
a process of its own, with its own signals, folder, environment and exit code.
"""

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

from tests.root import ROOT

TRAINING = ROOT / "training"
FORKS = multiprocessing.get_context("forkserver")
IMPORTED = [
    *("fastparts.early_stop", "fastparts.learner", "fastparts.mlflow_run", "fastparts.model_card"),
    *("fastparts.resume", "fastparts.summary", "pytest", "timm", "train"),
]
# Read when these are imported, unlike what train.py is started with.
IMPORTED_IN = {
    "OMP_NUM_THREADS": "1",
    "PYTHONPATH": str(TRAINING),
    "PYTHONWARNINGS": "ignore:`torch.jit.script` is deprecated",
}


class Fork:
    """A process, as subprocess.Popen shows it."""

    def __init__(self, argv: list[str], folder: Path, env: dict[str, str], log: Path) -> None:
        FORKS.set_forkserver_preload(IMPORTED)
        self._process = FORKS.Process(target=_train, args=(argv, folder, env, log))
        with mock.patch.dict(os.environ, IMPORTED_IN):
            self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("train.py", timeout)
        return self._process.exitcode


def _train(argv: list[str], folder: Path, env: dict[str, str], log: Path) -> None:
    os.setsid()  # So that a test can signal the whole group.
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    file = os.open(log, os.O_WRONLY)
    os.dup2(file, 1)
    os.dup2(file, 2)
    import train

    sys.exit(train.run(argv))
