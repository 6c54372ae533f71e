"""kill -9 at random moments, started again each time: does it end as if never stopped?

    python -m tests.bench.trainer.kills --times 10 [flags of train.py]

Prints each moment, and at the end whether weights and metrics are equal; exits 1 if not.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.root import ROOT

TRAIN = ROOT / "training/train.py"


def start(folder: Path, flags: list[str]) -> subprocess.Popen:
    folder.mkdir(exist_ok=True)
    env = {"OMP_NUM_THREADS": "1", **os.environ, "TRAINING_CACHE_DIR": str(folder / "cache")}
    with (folder / "log.txt").open("a") as log:
        command = [sys.executable, TRAIN, *flags]
        return subprocess.Popen(command, cwd=folder, env=env, stdout=log, start_new_session=True)


def end(folder: Path) -> tuple[bytes, list[dict]]:
    rows = [json.loads(r) for r in (folder / "outputs/metrics.jsonl").read_text().splitlines()]
    weights = (folder / "outputs/model.safetensors").read_bytes()
    return weights, [{k: v for k, v in row.items() if k != "seconds"} for row in rows]


def epochs(folder: Path) -> int:
    metrics = folder / "outputs/metrics.jsonl"
    return len(metrics.read_text().splitlines()) if metrics.exists() else 0


def main(times: int, seed: int, flags: list[str]) -> int:
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as scratch:
        whole, killed = Path(scratch) / "whole", Path(scratch) / "killed"
        started = time.monotonic()
        assert start(whole, flags).wait() == 0
        seconds = time.monotonic() - started
        for number in range(1, times + 1):
            process = start(killed, flags)
            moment = rng.uniform(0.2, 1.0) * seconds
            try:
                process.wait(timeout=moment)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            how = "killed" if process.returncode else "was finished"
            say(f"{number}: {how} after {moment:.1f} s, {epochs(killed)} epochs")
        assert start(killed, flags).wait() == 0
        (weights, rows), (weights_again, rows_again) = end(whole), end(killed)
    say(f"weights equal: {weights == weights_again}; metrics equal: {rows == rows_again}")
    return 0 if (weights, rows) == (weights_again, rows_again) else 1


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    known, rest = parser.parse_known_args()
    sys.exit(main(known.times, known.seed, rest))
