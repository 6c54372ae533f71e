"""Which images a folder holds, in which class and split, and whether they can be read."""

import hashlib
import os
import random
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fastai.vision.all import get_image_files
from PIL import Image

from errors import TrainingError

VALID_NAMES = ("validation", "valid")
SPLIT_SEED = 0  # The split is part of the data: --seed varies training only.


@dataclass(frozen=True)
class LabelledImage:
    path: Path
    label: str
    valid: bool


def find_images(folder: Path, by: str, valid_pct: float | None) -> list[LabelledImage]:
    """List the images below `folder`, sorted by path.

    Raises TrainingError when a split or a class is empty: fastai would train on nothing and
    report an accuracy.
    """
    if not folder.is_dir():
        raise TrainingError(f"--data {folder}: no such folder")
    valid = next((folder / name for name in VALID_NAMES if (folder / name).is_dir()), None)
    if not (folder / "train").is_dir():
        return _split(_labelled(folder, by), folder, 0.2 if valid_pct is None else valid_pct)
    if valid is None:
        raise TrainingError(f"{folder} has train/ but neither validation/ nor valid/")
    if valid_pct is not None:
        raise TrainingError(f"--valid-pct has no use: the validation images are {valid}")
    splits = {folder / "train": False, valid: True}
    found = [
        LabelledImage(path, label, is_valid)
        for part, is_valid in splits.items()
        for path, label in _labelled(part, by)
    ]
    _require_equal_classes(found, folder / "train", valid)
    return found


def check_images(images: Iterable[LabelledImage], root: Path) -> str:
    """Read every image once; return a sha256 over their paths below `root` and contents.

    Raises TrainingError with the path of the first that cannot be decoded: better now than in
    the middle of an epoch.
    """
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        digests = pool.map(_check_image, sorted(image.path for image in images))
        total = hashlib.sha256()
        for path, digest in digests:
            total.update(f"{path.relative_to(root).as_posix()}\0{digest}\n".encode())
    return total.hexdigest()


def _check_image(path: Path) -> tuple[Path, str]:
    try:
        content = path.read_bytes()
        with Image.open(path) as image:
            # An eighth of the size is enough to meet every byte of a JPEG, and 4 times as fast.
            image.draft(None, (image.width // 8, image.height // 8))
            image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise TrainingError(f"{path} cannot be read as an image: {error}") from error
    return path, hashlib.sha256(content).hexdigest()


def _labelled(folder: Path, by: str) -> list[tuple[Path, str]]:
    """The images below `folder` with their classes, of which there must be two or more."""
    pairs = _by_name(folder) if by == "is-cat" else _by_class_folder(folder)
    classes = {name for _, name in pairs}
    if not classes:
        raise TrainingError(f"no images in {folder}")
    if len(classes) == 1:
        raise TrainingError(f"all images in {folder} are of one class, {classes.pop()!r}")
    return sorted(pairs)


def _by_name(folder: Path) -> list[tuple[Path, str]]:
    """Oxford-IIIT Pets: the file names of cats begin with a capital."""
    paths = get_image_files(folder)
    return [(path, "cat" if path.name[0].isupper() else "dog") for path in paths]


def _by_class_folder(folder: Path) -> list[tuple[Path, str]]:
    pairs: list[tuple[Path, str]] = []
    for child in folder.iterdir():
        if child.is_dir() and not child.name.startswith("."):
            paths = get_image_files(child)
            if not paths:
                raise TrainingError(f"class {child.name!r} has no images: {child}")
            pairs += [(path, child.name) for path in paths]
    return pairs


def _split(labelled: list[tuple[Path, str]], folder: Path, valid_pct: float) -> list[LabelledImage]:
    """Take the same part of each class for validation, and at least one image."""
    valid: set[Path] = set()
    for name, count in sorted(Counter(label for _, label in labelled).items()):
        if count < 2:
            raise TrainingError(f"class {name!r} has one image; to split it needs two: {folder}")
        paths = [path for path, label in labelled if label == name]
        n_valid = min(count - 1, max(1, round(count * valid_pct)))
        valid.update(random.Random(f"{SPLIT_SEED} {name}").sample(paths, n_valid))
    return [LabelledImage(path, label, path in valid) for path, label in labelled]


def _require_equal_classes(images: list[LabelledImage], train: Path, valid: Path) -> None:
    train_classes = {image.label for image in images if not image.valid}
    valid_classes = {image.label for image in images if image.valid}
    for name in sorted(train_classes ^ valid_classes):
        raise TrainingError(
            f"class {name!r} has no images in {valid if name in train_classes else train}"
        )
