"""The command line."""

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path

RECORDS = Path("outputs")  # Where readers of metrics look, wherever the model goes.
RATES = {"one-cycle": 1e-2, "fine-tune": 2e-3, "probe": 2e-3}  # as a default of --lr

EXAMPLES = """examples:
  train.py                                                  digits, with nothing to download
  train.py --data photos --epochs 3                         photos/CLASS/*.jpg, resnet34
  train.py --data pets --label is-cat --epochs 1            the fastai tutorial
  train.py --data photos --mode probe --arch tf_efficientnet_lite0 --size 128

The same command again goes on from where the last one was stopped, or only writes its files.
exit code: 0 finished; 1 a mistake; 2 a wrong flag; 130 or 143 stopped by a signal, and saved"""


def parse_flags(description: str, argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        usage="train.py [flags]",
        description=description,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,  # An abbreviation in a manifest breaks with the next flag.
    )
    _add_data(parser.add_argument_group("data").add_argument)
    _add_model(parser.add_argument_group("model").add_argument)
    _add_training(parser.add_argument_group("training").add_argument)
    _add_run(parser.add_argument_group("run").add_argument)
    flags = parser.parse_args(argv)
    flags.arch = flags.arch or ("small-cnn" if flags.data == "digits" else "resnet34")
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


Add = Callable[..., argparse.Action]


def _add_data(add: Add) -> None:
    add("--data", default="digits", metavar="SOURCE", help="digits (default); pets (800 MB, once);"
        " a folder of images, with train/ and validation/ or not; or a CSV file with columns path,"
        " label and, if it says so, split")  # fmt: skip
    add("--label", default="folder", type=_label, metavar="RULE", help="an image's class: folder"
        " (default); is-cat, by the capital of a pet's file name; or regex:PATTERN, what its first"
        " group finds in the file name")  # fmt: skip
    add("--valid-pct", type=_number(1), metavar="SHARE", help="of each class, kept for validation"
        " where the data have no such split (default: 0.2)")  # fmt: skip
    add("--size", type=_count(1), metavar="PIXELS", help="of a side (default: 224; digits: 8)")
    add("--workers", type=_count(0), metavar="N", help="threads that decode the images, which"
        " happens once (default: one for each core)")  # fmt: skip


def _add_model(add: Add) -> None:
    add("--arch", help="small-cnn, or a model of torchvision or timm (default: resnet34; for"
        " digits small-cnn)")  # fmt: skip
    add("--pretrained", action=argparse.BooleanOptionalAction, help="start with ImageNet weights"
        " (default, but for small-cnn and with --base or --weights)")  # fmt: skip
    add("--weights", type=Path, metavar="FILE", help="start with a body's weights: .safetensors,"
        " or .pth without code in it")  # fmt: skip
    add("--base", type=Path, metavar="FOLDER", help="start with the model in another run's --out,"
        " head included")  # fmt: skip
    add("--channels-last", action=argparse.BooleanOptionalAction, help="memory layout of the"
        " images (default: on a GPU)")  # fmt: skip


def _add_training(add: Add) -> None:
    add("--mode", choices=list(RATES), help="one-cycle: all layers at once (default from random"
        " weights and with --base); fine-tune: one epoch of the head first (default from other"
        " weights); probe: a linear head on the frozen body, whose features are made"
        " once")  # fmt: skip
    add("--epochs", type=_count(1), default=8, metavar="N", help="(default: 8)")
    add("--batch-size", type=_count(2), default=64, metavar="N", help="images of a step, in all"
        " processes together (default: 64)")  # fmt: skip
    add("--accumulate", type=_count(1), default=1, metavar="N", help="batches of one optimiser"
        " step (default: 1)")  # fmt: skip
    add("--lr", type=_rate, metavar="RATE", help="highest learning rate, or auto: what fastai's"
        " lr_find suggests (default: 0.01; fine-tune and probe: 0.002)")  # fmt: skip
    add("--clip", type=_number(math.inf), metavar="NORM", help="largest norm of the gradients"
        " (default: any)")  # fmt: skip
    add("--label-smoothing", type=_number(1, zero=True), default=0.0, metavar="SHARE",
        help="of a label that goes to all classes (default: 0)")  # fmt: skip
    add("--mixup", type=_number(math.inf, zero=True), default=0.0, metavar="ALPHA",
        help="of the Beta distribution that images are blended by (default: 0, not at"
        " all)")  # fmt: skip
    add("--early-stop", type=_count(1), metavar="N", help="stop after so many epochs without a"
        " lower validation loss (default: never)")  # fmt: skip
    add("--precision", choices=["fp32", "bf16", "fp16"], default="fp32", help="of the network's"
        " arithmetic (default: fp32)")  # fmt: skip
    add("--seed", type=int, default=0, metavar="N", help="of the training; the split never changes"
        " (default: 0)")  # fmt: skip


def _add_run(add: Add) -> None:
    add("--processes", type=_count(1), metavar="N", help="refuse to start when RANK and WORLD_SIZE,"
        " or mpirun, say another number")  # fmt: skip
    add("--out", type=Path, default=RECORDS, metavar="FOLDER", help="for the model, its card and"
        " pictures (default: outputs); metrics and the summary are always in outputs")  # fmt: skip
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


def _number(below: float, *, zero: bool = False) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = float(text)
        if not (0 < value < below or (zero and value == 0)):
            least, most = "0 or more" if zero else "above 0", f", and below {below:g}"
            raise argparse.ArgumentTypeError(f"must be {least}{most if below < math.inf else ''}")
        return value

    return number


def _rate(text: str) -> float | str:
    return text if text == "auto" else _number(math.inf)(text)


def _count(least: int) -> Callable[[str], int]:
    def at_least(text: str) -> int:
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}")
        return value

    at_least.__name__ = "whole number"  # argparse's word for it, when it is none
    return at_least
