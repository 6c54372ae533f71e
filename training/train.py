"""Train an image classifier with fastai.

Flags in, files out: metrics and a summary in ./outputs, the model and plots in --out. Stopped at
any moment and started again, it goes on from its last checkpoint.
"""

import argparse
import math
import os
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from console import complain, say
from errors import TrainingError
from stop import Stop

if TYPE_CHECKING:
    from checkpoint import State
    from data import Data
    from metrics import History

RECORDS = Path("outputs")  # Where readers of metrics look, wherever the model goes.


def parse_flags(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--data", default="digits", help="digits, pets or a folder of images (default: digits)")
    add("--label", default="folder", choices=["folder", "is-cat"], help="what an image's class is")
    add("--valid-pct", type=share, help="share kept for validation (0.2), if not a folder's own")
    add("--size", type=count(1), help="pixels of a side (224; digits: 8)")
    add("--arch", default="small-cnn", help="small-cnn, or a torchvision model such as resnet34")
    add(
        "--pretrained",
        action=argparse.BooleanOptionalAction,
        help="start with ImageNet weights (default, but for small-cnn and with --base)",
    )
    add("--base", type=Path, help="--out of another run: start with its weights")
    add("--mode", choices=["one-cycle", "fine-tune"], help="fine-tune: one epoch of the head first")
    add("--epochs", type=count(1), default=8)
    add("--batch-size", type=count(2), default=64)
    add("--lr", type=rate, help="highest learning rate (one-cycle: 0.01, fine-tune: 0.002)")
    add("--seed", type=int, default=0, help="of the training; the split never changes")
    add("--workers", type=count(0), default=0, help="processes that load images")
    add("--out", type=Path, default=RECORDS, help="folder for the model and the plots")
    flags = parser.parse_args(argv)
    if flags.pretrained and (flags.arch == "small-cnn" or flags.base):
        parser.error("--pretrained has no use with small-cnn or --base")
    if flags.pretrained is None:
        flags.pretrained = flags.arch != "small-cnn" and flags.base is None
    flags.mode = flags.mode or ("fine-tune" if flags.pretrained else "one-cycle")
    flags.lr = flags.lr or {"one-cycle": 1e-2, "fine-tune": 2e-3}[flags.mode]
    return flags


def main(flags: argparse.Namespace, stop: Stop, started: float) -> None:
    # Here and not above: fastai takes seconds to import, --help and a wrong flag should not.
    from artifacts import write_model, write_plots, write_result
    from checkpoint import Checkpoints
    from data import load_data
    from model import make_learner
    from resume import Resume

    data = load_data(flags.data, flags.label, flags.size, flags.valid_pct)
    loaders = data.loaders(flags.batch_size, flags.seed, flags.workers)
    checkpoints = Checkpoints(checkpoint_folder(), identity(flags, data))
    saved = checkpoints.newest()
    # What a checkpoint replaces at once need not be downloaded.
    pretrained = flags.pretrained and saved is None
    learn = make_learner(data, loaders, flags.arch, pretrained, flags.seed, flags.base)
    history = begin_records(flags, data, saved)
    learn.add_cbs([history, Resume(checkpoints, saved, history, stop, flags.seed)])

    if flags.mode == "fine-tune":
        learn.fine_tune(flags.epochs, flags.lr)
    else:
        learn.fit_one_cycle(flags.epochs, flags.lr)
    if stop.signal:
        say("stopped; started again with the same flags, it goes on from here")
        return

    write_model(flags.out, learn, flags.arch, data)
    write_plots(flags.out, learn, history, data)
    write_result(RECORDS / "result.json", learn, history, data, run_facts(flags, saved, started))
    say(f"accuracy {history.rows[-1].get('accuracy', math.nan):.4f}; the model is in {flags.out}")


def checkpoint_folder() -> Path:
    return Path(os.environ.get("GITRAIN_CHECKPOINT_DIR") or RECORDS / "checkpoints")


def identity(flags: argparse.Namespace, data: "Data") -> dict[str, object]:
    """All that shapes the training; where things lie and how many processes work does not."""
    from model import base_sha256

    names = ["label", "valid_pct", "arch", "pretrained", "mode", "epochs", "batch_size", "lr"]
    return {
        **{name: getattr(flags, name) for name in [*names, "seed"]},
        "size": data.size,
        "data": data.fingerprint,
        "base": flags.base and base_sha256(flags.base),
    }


def begin_records(flags: argparse.Namespace, data: "Data", saved: "State | None") -> "History":
    """Make the files say what is true now: the epochs of the checkpoint, and not finished."""
    from metrics import History, heading, line, write_rows
    from tracking import mlflow_sinks

    write = partial(write_rows, RECORDS / "metrics.jsonl")
    history = History([write, lambda rows: say(line(rows[-1])), *mlflow_sinks(vars(flags))])
    if saved:
        history.load_state(saved["history"])
    write(history.rows)
    (RECORDS / "result.json").unlink(missing_ok=True)
    say(f"{data.n_train} training, {data.n_valid} validation images in {len(data.labels)} classes")
    if saved:
        say(f"resuming after epoch {saved['epoch']} and {saved['batch']} batches of the next")
    say(heading())
    return history


def run_facts(
    flags: argparse.Namespace, saved: "State | None", started: float
) -> dict[str, object]:
    return {
        "seed": flags.seed,
        "flags": vars(flags),
        "resumed_from": saved and {"epoch": saved["epoch"], "batch": saved["batch"]},
        "duration_seconds": round(time.perf_counter() - started, 3),
    }


def require_one_process() -> None:
    if int(os.environ.get("WORLD_SIZE") or 1) > 1:
        raise TrainingError(
            f"WORLD_SIZE is {os.environ['WORLD_SIZE']}, RANK {os.environ.get('RANK', 'not set')}:"
            " this version trains in one process; ask for one instance with one process"
        )


def share(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError("must be between 0 and 1")
    return value


def rate(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError("must be above 0")
    return value


def count(least: int) -> Callable[[str], int]:
    def at_least(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}")
        return value

    at_least.__name__ = "whole number"  # argparse's word for it, when it is none
    return at_least


def run(argv: list[str] | None = None) -> int:
    """The exit code: 1 a mistake of the user's, 128 + the signal when stopped, else 0."""
    started = time.perf_counter()
    flags = parse_flags(argv)
    stop = Stop()
    # fastai's import sets this one off; nobody here can do anything about it.
    warnings.filterwarnings("ignore", message="`torch.jit.script` is deprecated")
    try:
        require_one_process()
        main(flags, stop, started)
    except TrainingError as error:
        complain(f"train.py: {error}")
        return 1
    return stop.exit_code


if __name__ == "__main__":
    sys.exit(run())
