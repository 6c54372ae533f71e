"""Classify images with a trained model: CSV on stdout, a line per image.

Reads model.safetensors (or model.onnx), labels.json and preprocess.json, and executes nothing
that is in them.
"""

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from fastparts.console import TrainingError, complain
from fastparts.image_files import image_files
from fastparts.model_folder import load_model, read_companions
from fastparts.view import Pixels, read_square

BATCH = 32


def parse_flags(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        usage="predict.py [--model FOLDER] [--onnx] IMAGES…",
        description=__doc__.partition("\n")[0],
        epilog="exit code: 0 all classified; 1 an image could not be read, or a mistake; 2 a wrong"
        " flag",
    )
    parser.add_argument(
        "images", nargs="+", type=Path, metavar="IMAGES", help="image files, or folders of them"
    )
    parser.add_argument(
        "--model",
        type=Path,
        default=Path("outputs"),
        metavar="FOLDER",
        help="the --out of train.py (default: outputs)",
    )
    parser.add_argument("--onnx", action="store_true", help="use model.onnx")
    return parser.parse_args(argv)


def main(flags: argparse.Namespace) -> int:
    """Write the predictions; return how many images could not be read."""
    labels, view, resize = read_companions(flags.model)
    classify = load_model(flags.model, flags.onnx)
    paths = [
        p for given in flags.images for p in (image_files(given) if given.is_dir() else [given])
    ]
    if not paths:
        raise TrainingError(f"no images in {', '.join(map(str, flags.images))}")
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["path", "class", "probability"])
    unread = 0
    for start in range(0, len(paths), BATCH):
        chosen, pixels = [], []
        for path, square in read_all(paths[start : start + BATCH], resize, view.channels):
            chosen.append(path)
            pixels.append(square)
        unread += len(paths[start : start + BATCH]) - len(chosen)
        if not chosen:
            continue
        shares = classify(view.middle(torch.from_numpy(np.stack(pixels)))).softmax(1)
        for path, (share, place) in zip(chosen, zip(*shares.max(1), strict=True), strict=True):
            out.writerow([path, labels[int(place)], f"{float(share):.4f}"])
    return unread


def read_all(paths: list[Path], side: int, channels: int) -> Iterator[tuple[Path, Pixels]]:
    """The images that can be read; complains about each of the others."""
    for path in paths:
        try:
            yield path, read_square(path, side, channels)
        except TrainingError as error:
            complain(f"predict.py: {error}")


def run(argv: list[str] | None = None) -> int:
    """The exit code: 1 when an image could not be read, or nothing could be done."""
    try:
        return min(1, main(parse_flags(argv)))
    except TrainingError as error:
        complain(f"predict.py: {error}")
        return 1


if __name__ == "__main__":
    sys.exit(run())
