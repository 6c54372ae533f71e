"""The command line of train.py."""

import argparse
import math
import re
from collections.abc import Callable
from pathlib import Path

RECORDS = Path("outputs")  # Readers of metrics look here, wherever the model goes.
RATES = {"one-cycle": 1e-2, "fine-tune": 2e-3, "probe": 2e-3}  # the defaults of --lr

EXAMPLES = """examples:
  train.py                                                 digits, with nothing to download
  train.py --data photos --epochs 3                        photos/CLASS/*.jpg, resnet34
  train.py --data pets --label is-cat --epochs 1           the fastai tutorial
  train.py --data photos --mode probe --arch tf_efficientnet_lite0     fast without a GPU

After a stop the same command continues from the last checkpoint; after the end it only writes
its files again.

exit code: 0 finished; 1 this cannot be trained; 2 a wrong flag; 130 or 143 stopped by a signal"""


def make_parser(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        usage="train.py [flags]",
        description=description,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,  # An abbreviation in a script breaks when the next flag is added.
    )
    _add_data(parser.add_argument_group("data").add_argument)
    _add_model(parser.add_argument_group("model").add_argument)
    _add_training(parser.add_argument_group("training").add_argument)
    _add_run(parser.add_argument_group("run").add_argument)
    return parser


def parse_flags(description: str, argv: list[str] | None = None) -> argparse.Namespace:
    """The flags, with defaults that depend on other flags filled in; exits when one is wrong."""
    parser = make_parser(description)
    flags = parser.parse_args(argv)
    flags.arch = flags.arch or ("small-cnn" if flags.data == "digits" else "resnet34")
    own_start = flags.arch == "small-cnn" or flags.base or flags.weights
    if flags.pretrained and own_start:
        parser.error("--pretrained cannot be combined with small-cnn, --base or --weights")
    if flags.base and flags.weights:
        parser.error("--base and --weights cannot be combined")
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
    add("--data", default="digits", metavar="SOURCE", help="digits (the default); pets, downloaded"
        " once (800 MB); a folder of images, with or without train/ and validation/; or a CSV file"
        " with columns path, label and, optionally, split")  # fmt: skip
    add("--label", default="folder", type=_label, metavar="RULE", help="where the class of an image"
        " comes from: folder (the default); is-cat, a capital letter at the start of the file name;"
        " or regex:PATTERN, whose first group finds the class in the file name")  # fmt: skip
    add("--valid-pct", type=_number(1), metavar="SHARE", help="share of each class used for"
        " validation when the data have no split of their own (default: 0.2)")  # fmt: skip
    add("--size", type=_count(1), metavar="PIXELS", help="width and height of what the model sees"
        " (default: 224; digits: 8)")  # fmt: skip
    add("--workers", type=_count(0), metavar="N", help="threads that decode the images, once"
        " (default: one for each core)")  # fmt: skip


def _add_model(add: Add) -> None:
    add("--arch", metavar="NAME", help="small-cnn, or a model of torchvision or timm (default:"
        " resnet34; digits: small-cnn)")  # fmt: skip
    add("--pretrained", action=argparse.BooleanOptionalAction, help="start from ImageNet weights"
        " (the default, except for small-cnn and with --base or --weights)")  # fmt: skip
    add("--weights", type=Path, metavar="FILE", help="start from the weights of a body:"
        " .safetensors, or a .pth file that contains no code")  # fmt: skip
    add("--base", type=Path, metavar="FOLDER", help="start from the model in the --out of an"
        " earlier run, including its head")  # fmt: skip
    add("--channels-last", action=argparse.BooleanOptionalAction, help="memory layout of the"
        " images, faster on a GPU (the default there)")  # fmt: skip


def _add_training(add: Add) -> None:
    add("--mode", choices=list(RATES), help="one-cycle: all layers at once (the default from random"
        " weights and with --base); fine-tune: one epoch of the head alone first (the default from"
        " other weights); probe: a linear head on a frozen body, whose features are computed"
        " once")  # fmt: skip
    add("--epochs", type=_count(1), default=8, metavar="N", help="passes through the training"
        " images; fine-tune adds one for the head (default: 8)")  # fmt: skip
    add("--batch-size", type=_count(2), default=64, metavar="N", help="images in a batch, in all"
        " processes together (default: 64)")  # fmt: skip
    add("--accumulate", type=_count(1), default=1, metavar="N", help="batches in one optimiser"
        " step (default: 1)")  # fmt: skip
    add("--lr", type=_rate, metavar="RATE", help="highest learning rate, or auto: the one that"
        " fastai's lr_find suggests (default: 0.01; fine-tune and probe: 0.002)")  # fmt: skip
    add("--clip", type=_number(math.inf), metavar="NORM", help="limit for the norm of the gradients"
        " (default: none)")  # fmt: skip
    add("--label-smoothing", type=_number(1, zero=True), default=0.0, metavar="SHARE",
        help="share of each label that is spread over all classes (default: 0)")  # fmt: skip
    add("--mixup", type=_number(math.inf, zero=True), default=0.0, metavar="ALPHA",
        help="blend pairs of images, by shares from a Beta distribution with this parameter"
        " (default: 0, off)")  # fmt: skip
    add("--early-stop", type=_count(1), metavar="N", help="stop when the validation loss has not"
        " improved for this many epochs (default: never)")  # fmt: skip
    add("--precision", choices=["fp32", "bf16", "fp16"], default="fp32", help="arithmetic of the"
        " network; fp16 needs a GPU (default: fp32)")  # fmt: skip
    add("--seed", type=int, default=0, metavar="N", help="for the random numbers of the training;"
        " the split never changes (default: 0)")  # fmt: skip


def _add_run(add: Add) -> None:
    add("--processes", type=_count(1), metavar="N", help="refuse to start unless RANK and"
        " WORLD_SIZE, or mpirun, announce this many processes")  # fmt: skip
    add("--out", type=Path, default=RECORDS, metavar="FOLDER", help="for the model, its card and"
        " plots; metrics and the summary always go to outputs (default: outputs)")  # fmt: skip
    add("--export", choices=["onnx"], help="write the model in this form, too")


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

    at_least.__name__ = "whole number"  # for argparse's message
    return at_least
