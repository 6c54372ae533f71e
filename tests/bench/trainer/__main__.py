"""The speed of training/train.py compared with two fastai scripts, and the accuracy of each.

    python -m tests.bench.trainer --data FOLDER_OR_TAR --seeds 3

The data has train/CLASS/* and validation/CLASS/*. Same data, architecture, epochs and batch size;
each training is a process of its own, and they take turns, so that a slow hour is everybody's.
Prints a Markdown table. Images per second are of the training part of an epoch, the median over
epochs but the first; seconds are of the whole process, imports, decoding and files included.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from statistics import mean

from tests.root import ROOT

KINDS = ("plain", "tuned", "ours")
NAMES = {
    "plain": "(a) plain fastai: the tutorial's",
    "tuned": "(b) tuned fastai: small files, bf16, channels_last",
    "ours": "training/train.py",
}


def parse_flags() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--data", type=Path, required=True)
    add("--seeds", type=int, default=3)
    add("--arch", default="resnet34")
    add("--epochs", type=int, default=5)
    add("--size", type=int, default=224)
    add("--batch-size", type=int, default=64)
    add("--pretrained", action="store_true", help="fine-tune; else one cycle from random weights")
    add("--workers", type=int, default=min(16, len(os.sched_getaffinity(0))))
    add("--limit", type=int, help="images of each class and split, to try the benchmark")
    return parser.parse_args()


def main(flags: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        data = unpack(flags.data, Path(scratch), flags.limit)
        results: dict[str, list[dict]] = {kind: [] for kind in KINDS}
        for seed in range(1, flags.seeds + 1):
            for kind in KINDS:
                folder = Path(scratch) / f"{kind}-{seed}"
                folder.mkdir()
                run = ours if kind == "ours" else baseline
                started = time.perf_counter()
                result = run(kind, data, folder, seed, flags)
                seconds = round(time.perf_counter() - started, 1)
                results[kind].append({**result, "seconds": seconds})
                sys.stderr.write(f"{kind}, seed {seed}: {results[kind][-1]}\n")
        sys.stdout.write(table(results, flags))


def unpack(data: Path, scratch: Path, limit: int | None) -> Path:
    """The images as a folder, with no more than `limit` in each class of each split."""
    root = scratch / "data"
    if data.suffix == ".tar":
        with tarfile.open(data) as tar:
            tar.extractall(root, filter="data")
    else:
        root.symlink_to(data.resolve())
    if limit is None:
        return root
    few = scratch / "few"
    for folder in sorted(root.glob("*/*")):
        for image in sorted(folder.iterdir())[:limit]:
            copy = few / image.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.symlink_to(image)
    return few


def baseline(kind: str, data: Path, folder: Path, seed: int, flags: argparse.Namespace) -> dict:
    numbers = [flags.epochs, seed, flags.size, flags.batch_size, flags.pretrained, flags.workers]
    script = Path(__file__).with_name("baselines.py")
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            script,
            kind,
            data,
            flags.arch,
            *(str(int(n)) for n in numbers),
        ],
        cwd=folder,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def ours(_kind: str, data: Path, folder: Path, seed: int, flags: argparse.Namespace) -> dict:
    command = [sys.executable, ROOT / "training/train.py", "--data", data, "--arch", flags.arch]
    command += ["--epochs", str(flags.epochs), "--size", str(flags.size), "--seed", str(seed)]
    command += ["--batch-size", str(flags.batch_size), "--workers", str(flags.workers)]
    command += ["--pretrained" if flags.pretrained else "--no-pretrained"]
    command += ["--precision", "bf16" if has_gpu() else "fp32"]
    # A cache of its own, so that the decoding is part of each end-to-end time.
    env = {**os.environ, "TRAINING_CACHE_DIR": str(folder / "cache")}
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env=env)
    result = json.loads((folder / "outputs/result.json").read_text())
    return {
        "images_per_second": result["images_per_second"],
        "accuracy": result["metrics"]["accuracy"],
        "precision": result["precision"],
    }


def table(results: dict[str, list[dict]], flags: argparse.Namespace) -> str:
    lines = [
        f"{flags.arch}, {flags.epochs} epochs, {flags.size} px, batches of {flags.batch_size},"
        f" {flags.seeds} seeds, {flags.limit or 'all'} images of a class; {machine()}",
        "",
        "| script | precision | images/s | end to end, s | accuracy of each seed |",
        "|---|---|---|---|---|",
    ]
    for kind, runs in results.items():
        rate, seconds = (mean(r[name] for r in runs) for name in ("images_per_second", "seconds"))
        accuracies = ", ".join(f"{run['accuracy']:.3f}" for run in runs)
        lines.append(
            f"| {NAMES[kind]} | {runs[0]['precision']} | {rate:,.1f} | {seconds:,.1f}"
            f" | {accuracies} |"
        )
    return "\n".join(lines) + "\n"


def has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()


def machine() -> str:
    import torch

    cores = len(os.sched_getaffinity(0))
    if torch.cuda.is_available():
        return f"{torch.cuda.get_device_name(0)}, {cores} cores"
    cpuinfo = Path("/proc/cpuinfo")
    names = [line for line in cpuinfo.read_text().splitlines() if line.startswith("model name")]
    name = names[0].partition(":")[2].strip() if names else platform.processor()
    return f"{name}, {cores} cores, {os.environ.get('OMP_NUM_THREADS', 'all')} for PyTorch"


if __name__ == "__main__":
    main(parse_flags())
