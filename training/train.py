"""Train an image classifier with fastai.

Flags in, files out: metrics and a summary go to ./outputs, the model and its plots to --out. A
training that was stopped, at any moment, continues from its last checkpoint when it is started
again. Started several times with RANK and WORLD_SIZE, or by mpirun, it is one training in several
processes.

`train` below is the recipe; each part of it has a file of its own in fastparts/.
"""

import argparse
import os
import sys
import time
import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fastparts.console import TrainingError, complain, say, silence
from fastparts.flags import RATES, RECORDS, parse_flags
from fastparts.freed_memory import keep_freed_memory
from fastparts.stop import Stop

if TYPE_CHECKING:
    from fastai.learner import Learner

    from fastparts.checkpoints import State
    from fastparts.dataset import Data
    from fastparts.history import History
    from fastparts.model_folder import Model
    from fastparts.world import World


def train(flags: argparse.Namespace, stop: Stop, world: "World", started: float) -> None:
    """The recipe: data, network, Learner, fit, files."""
    # Imported here and not above: fastai takes seconds, and --help or a wrong flag should not.
    from fastparts.dataset import load_data

    require_possible(flags, world)
    with world.one_first():
        data = load_data(flags.data, flags.label, flags.size, flags.valid_pct, flags.workers)

    from fastparts.checkpoints import Checkpoints
    from fastparts.learner import make_learner, make_network, make_view
    from fastparts.model_folder import Model
    from fastparts.resume import Resume

    checkpoints = Checkpoints(checkpoint_folder(), identity(flags, data, world), world.leads)
    saved = world.from_rank_0(checkpoints.newest() if world.leads else None)
    with world.one_first():
        network, blueprint, origin = make_network(flags, data, resumed=saved is not None)
    view = make_view(flags, data, blueprint, world.device)
    learn = make_learner(flags, network, data, view, world)
    lr = saved["lr"] if saved else choose_rate(learn, flags, world)
    learn.add_cb(begin_records(flags, data, saved, world))
    learn.add_cb(Resume(checkpoints, saved, stop, flags.seed, lr))

    fit(learn, flags, lr)
    if world.any(stop.signal is not None):
        say("stopped; run it again with the same flags to continue from here")
        return

    result: dict[str, object] = {
        "seed": flags.seed,
        "flags": vars(flags),
        "lr": lr,
        "starts_from": origin,
        "size": data.size,
        "resumed_from": saved and {"epoch": saved["epoch"], "batch": saved["batch"]},
    }
    finish(flags, learn, Model(network.to(world.device), blueprint, view, data), result, started)


def fit(learn: "Learner", flags: argparse.Namespace, lr: float) -> None:
    from fastparts.early_stop import EarlyStop

    if flags.early_stop:
        first_epoch = 1 if flags.mode == "fine-tune" else 0  # The head's own epoch does not count.
        learn.add_cb(EarlyStop(flags.early_stop, first_epoch))
    if flags.mode == "fine-tune":
        learn.fine_tune(flags.epochs, lr)
    else:
        learn.fit_one_cycle(flags.epochs, lr)


def choose_rate(learn: "Learner", flags: argparse.Namespace, world: "World") -> float:
    from fastparts.learner import find_rate

    if flags.lr != "auto":
        return float(flags.lr)
    found = float(world.from_rank_0(find_rate(learn, RATES[flags.mode])))
    say(f"--lr auto found {found:.3g}")
    return found


def require_possible(flags: argparse.Namespace, world: "World") -> None:
    """Raise TrainingError for what would fail only later, or silently do something else."""
    from fastparts.model_files import require_onnx
    from fastparts.network import check_arch

    check_arch(flags.arch)
    if flags.export:
        require_onnx()
    if flags.precision == "fp16" and world.device.type != "cuda":
        raise TrainingError("--precision fp16 needs a GPU; without one use fp32 or bf16")
    if flags.batch_size % world.size or flags.batch_size < 2 * world.size:
        raise TrainingError(
            f"--batch-size {flags.batch_size} must be a multiple of the number of processes,"
            f" {world.size}, and give each of them at least two images"
        )


def checkpoint_folder() -> Path:
    return Path(os.environ.get("GITRAIN_CHECKPOINT_DIR") or RECORDS / "checkpoints")


def identity(flags: argparse.Namespace, data: "Data", world: "World") -> dict[str, object]:
    """All that shapes the training; where files are and how many threads work does not."""
    from fastparts.starting_weights import sha256

    names = ["label", "valid_pct", "arch", "pretrained", "mode", "epochs", "batch_size", "lr"]
    names += ["accumulate", "clip", "label_smoothing", "mixup", "early_stop", "precision"]
    return {
        **{name: getattr(flags, name) for name in [*names, "channels_last", "seed"]},
        "size": data.size,
        "data": data.fingerprint,
        "base": flags.base and sha256(flags.base / "model.safetensors", "--base"),
        "weights": flags.weights and sha256(flags.weights, "--weights"),
        "processes": world.size,
    }


def begin_records(
    flags: argparse.Namespace, data: "Data", saved: "State | None", world: "World"
) -> "History":
    """Make the files say what is true now: the epochs of the checkpoint, and no result yet."""
    from fastparts.history import History, heading, line, write_rows
    from fastparts.mlflow_run import open_mlflow_run

    history = History(world, len(data.labels))
    if saved:
        # Rank 0's numbers are right for every process: all have seen equally many images.
        history.load_state(saved["history"])
    if not world.leads:
        return history
    write = partial(write_rows, RECORDS / "metrics.jsonl")
    history.sinks = [write, lambda rows: say(line(rows[-1]))]
    if run := open_mlflow_run(vars(flags), history.mlflow_run):
        history.mlflow_run = run.id
        history.sinks.append(run.log)
    write(history.rows)
    (RECORDS / "result.json").unlink(missing_ok=True)
    n_train, n_valid, n_classes = len(data.train), len(data.valid), len(data.labels)
    say(f"{n_train} training and {n_valid} validation images in {n_classes} classes")
    if saved:
        say(f"resuming after epoch {saved['epoch']} and {saved['batch']} batches of the next")
    say(heading())
    return history


def finish(
    flags: argparse.Namespace,
    learn: "Learner",
    model: "Model",
    result: dict[str, object],
    started: float,
) -> None:
    """Write what the training leaves. One process writes; the others only report to it."""
    from fastparts.model_card import write_card
    from fastparts.model_folder import write_model
    from fastparts.summary import describe
    from fastparts.whole_files import write_json

    result |= describe(model, learn)
    if not learn.history.world.leads:
        return
    result["reloaded"] = write_model(flags.out, model, onnx=flags.export == "onnx")
    write_card(flags.out, result, learn.history)
    result["duration_seconds"] = round(time.perf_counter() - started, 3)
    write_json(RECORDS / "result.json", result)
    right, n = learn.history.score()
    say(f"accuracy {right / n:.4f} ({right} of {n}); the model is in {flags.out}")


def run(argv: list[str] | None = None) -> int:
    """The exit code: 0 finished, 1 a mistake of the user's, 128 + the signal when stopped."""
    started = time.perf_counter()
    flags = parse_flags(__doc__.partition("\n")[0], argv)
    stop = Stop()
    keep_freed_memory()
    # Without it, threads that wait for each other keep cores busy that other programs need. torch
    # reads it when it is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Importing torch causes this one, and a user can do nothing about it.
    warnings.filterwarnings("ignore", message="`torch.jit.script` is deprecated")
    try:
        from fastparts.world import read_world

        world = read_world(os.environ, flags.processes)
        if not world.leads:
            silence()
        world.join()
        try:
            train(flags, stop, world, started)
        finally:
            world.leave()
    except TrainingError as error:
        complain(f"train.py: {error}")
        return 1
    return stop.exit_code


if __name__ == "__main__":
    sys.exit(run())
