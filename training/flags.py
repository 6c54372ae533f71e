"""The command line."""

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path

RECORDS = Path("outputs")  # Where readers of metrics look, wherever the model goes.
RATES = {"one-cycle": 1e-2, "fine-tune": 2e-3, "probe": 2e-3}  # as a default of --lr


def parse_flags(description: str, argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
    _add_data(parser.add_argument_group("data"))
    _add_model(parser.add_argument_group("model"))
    _add_training(parser.add_argument_group("training"))
    _add_run(parser.add_argument_group("run"))
    flags = parser.parse_args(argv)
    own_start = flags.arch == "small-cnn" or flags.base or flags.weights
    if flags.pretrained and own_start:
        parser.error("--pretrained has no use with small-cnn, --base or --weights")
    if flags.base and flags.weights:
        parser.error("--base or --weights: one of them")
    if flags.pretrained is None:
        flags.pretrained = not own_start
    trained = flags.pretrained or flags.weights
    flags.mode = flags.mode or ("fine-tune" if trained else "one-cycle")
    if flags.mode == "probe" and not (trained or flags.base):
        parser.error("--mode probe needs a trained body: --pretrained, --weights or --base")
    flags.lr = flags.lr or RATES[flags.mode]
    return flags


def _add_data(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--data", default="digits", help="digits, pets, a folder of images, or a CSV file with"
        " columns path, label and, if it says so, split (default: digits)")  # fmt: skip
    add("--label", default="folder", type=_label, help="an image's class: folder, is-cat (pets),"
        " or regex:PATTERN, whose first group finds it in the file name")  # fmt: skip
    add("--valid-pct", type=_share, help="share kept for validation (0.2), if the data has none")
    add("--size", type=_count(1), help="pixels of a side (224; digits: 8)")
    add("--workers", type=_count(0), help="threads that decode images, once (one for each core)")


def _add_model(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--arch", default="small-cnn", help="small-cnn, or a model of torchvision or timm")
    add("--pretrained", action=argparse.BooleanOptionalAction, help="start with ImageNet weights"
        " (default, but for small-cnn and with --base or --weights)")  # fmt: skip
    add("--weights", type=Path, help="start with the weights of a .safetensors or .pth file")
    add("--base", type=Path, help="--out of another run: start with its weights, head included")
    add("--channels-last", action=argparse.BooleanOptionalAction, help="(default: on a GPU)")


def _add_training(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--mode", choices=list(RATES), help="one-cycle: all layers at once; fine-tune: one epoch"
        " of the head first; probe: a linear head on a frozen body")  # fmt: skip
    add("--epochs", type=_count(1), default=8)
    add("--batch-size", type=_count(2), default=64, help="images of a step in all processes")
    add("--accumulate", type=_count(1), default=1, help="batches of one optimiser step")
    add("--lr", type=_rate, help="highest learning rate, or auto (one-cycle: 0.01,"
        " fine-tune, probe: 0.002)")  # fmt: skip
    add("--clip", type=_above_zero, help="largest norm of the gradients")
    add("--label-smoothing", type=_share, default=0.0)
    add("--mixup", type=_above_zero, default=0.0, help="alpha of mixup's Beta distribution")
    add("--early-stop", type=_count(1), help="epochs without a lower validation loss")
    add("--precision", choices=["fp32", "bf16", "fp16"], default="fp32")
    add("--seed", type=int, default=0, help="of the training; the split never changes")


def _add_run(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--processes", type=_count(1), help="refuse to start unless this many do")
    add("--out", type=Path, default=RECORDS, help="folder for the model and the plots")
    add("--export", choices=["onnx"], help="write the model in this form too")


def _label(text: str) -> str:
    kind, _, pattern = text.partition(":")
    if text in ("folder", "is-cat"):
        return text
    if kind != "regex" or not pattern:
        raise argparse.ArgumentTypeError("must be folder, is-cat or regex:PATTERN")
    try:
        re.compile(pattern)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{pattern}: {error}") from error
    return text


def _share(text: str) -> float:
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError("must be between 0 and 1")
    return value


def _above_zero(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError("must be above 0")
    return value


def _rate(text: str) -> float | str:
    return text if text == "auto" else _above_zero(text)


def _count(least: int) -> Callable[[str], int]:
    def at_least(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}")
        return value

    at_least.__name__ = "whole number"  # argparse's word for it, when it is none
    return at_least
