"""Which image files to use, their classes, and which are for validation."""

import csv
import hashlib
import os
import random
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PIL import Image

from fastparts.console import TrainingError

VALID_NAMES = ("validation", "valid")
SPLITS = {"train": False, "training": False, **dict.fromkeys(VALID_NAMES, True)}
SPLIT_SEED = 0  # The split is part of the data: --seed only varies the training.
In = TypeVar("In")
Out = TypeVar("Out")


@dataclass(frozen=True)
class Listed:
    path: Path
    label: str
    valid: bool | None  # None: the data does not say


@dataclass(frozen=True)
class LabelledImage:
    path: Path
    label: str
    valid: bool
    sha256: str


def find_images(
    source: Path, label: str, valid_pct: float | None, workers: int | None
) -> list[LabelledImage]:
    """The images of a folder or CSV file, each in one of two splits that share no content.

    Raises TrainingError when a class is missing from a split, or an image is in both.
    """
    listed = list_images(source, label)
    digests = dict(zip(listed, in_threads(_sha256, listed, workers), strict=True))
    given = {image.valid for image in listed}
    if given == {None}:
        valid = _choose(digests, source, 0.2 if valid_pct is None else valid_pct)
    elif None in given:
        raise TrainingError(f"{source}: some rows have a split and some have none")
    elif valid_pct is not None:
        raise TrainingError(f"leave out --valid-pct: {source} says which images are for validation")
    else:
        valid = {image.path for image in listed if image.valid}
    images = [LabelledImage(i.path, i.label, i.path in valid, d) for i, d in digests.items()]
    _require_equal_classes(images, source)
    _refuse_leaks(images)
    return images


def fingerprint(images: Iterable[LabelledImage], root: Path) -> str:
    """A sha256 of the images' paths below `root`, their classes, splits and contents."""
    total = hashlib.sha256()
    for i in images:
        place = os.path.relpath(i.path, root)
        total.update(f"{place}\0{i.label}\0{int(i.valid)}\0{i.sha256}\n".encode())
    return total.hexdigest()


def in_threads(
    work: Callable[[In], Out], items: Iterable[In], workers: int | None
) -> Iterator[Out]:
    """The results of `work` on each item, in order. Decoding releases the GIL: threads help."""
    with ThreadPoolExecutor(workers or min(16, len(os.sched_getaffinity(0)))) as pool:
        yield from pool.map(work, items)


def _sha256(image: Listed) -> str:
    try:
        return hashlib.sha256(image.path.read_bytes()).hexdigest()
    except OSError as error:
        raise TrainingError(f"cannot read {image.path} as an image: {error}") from error


def _choose(digests: dict[Listed, str], source: Path, valid_pct: float) -> set[Path]:
    """Take the same share of each class for validation; copies of an image stay together."""
    valid: set[str] = set()
    taken: set[str] = set()
    for name in sorted({image.label for image in digests}):
        # In the order of the paths. What an earlier class has, too, already has its place.
        own = [d for image, d in digests.items() if image.label == name and d not in taken]
        contents = list(dict.fromkeys(own))
        if len(contents) < 2:
            raise TrainingError(f"class {name!r} has one image, but a split needs two: {source}")
        n_valid = min(len(contents) - 1, max(1, round(len(contents) * valid_pct)))
        valid.update(random.Random(f"{SPLIT_SEED} {name}").sample(contents, n_valid))
        taken.update(contents)
    return {image.path for image, digest in digests.items() if digest in valid}


def _require_equal_classes(images: list[LabelledImage], source: Path) -> None:
    train, valid = ({i.label for i in images if i.valid is v} for v in (False, True))
    if not train or not valid:
        raise TrainingError(f"{source} has no {'validation' if train else 'training'} images")
    for name in sorted(train ^ valid):
        split = "validation" if name in train else "training"
        raise TrainingError(f"class {name!r} has no {split} images in {source}")


def _refuse_leaks(images: list[LabelledImage]) -> None:
    train = {image.sha256: image.path for image in images if not image.valid}
    leaks = [image for image in images if image.valid and image.sha256 in train]
    if leaks:
        first = leaks[0]
        raise TrainingError(
            f"{len(leaks)} of the validation images are also training images:"
            f" {first.path} equals {train[first.sha256]}"
        )


def list_images(source: Path, label: str) -> list[Listed]:
    """The images of `source`, sorted by path.

    `label` is `folder`, `is-cat` or `regex:PATTERN`. Raises TrainingError when a class is empty
    or there is only one: fastai would train on nothing, and report an accuracy.
    """
    if source.suffix == ".csv":
        if label != "folder":
            raise TrainingError(f"--data {source} has a column of labels: leave out --label")
        return _require_classes(_from_csv(source), source)
    if not source.is_dir():
        raise TrainingError(f"--data {source}: folder not found")
    valid = next((source / name for name in VALID_NAMES if (source / name).is_dir()), None)
    if not (source / "train").is_dir():
        return _require_classes(_labelled(source, label, None), source)
    if valid is None:
        raise TrainingError(f"{source} has train/ but neither validation/ nor valid/")
    train = _require_classes(_labelled(source / "train", label, False), source / "train")
    return train + _require_classes(_labelled(valid, label, True), valid)


def _from_csv(path: Path) -> list[Listed]:
    """The rows `path,label[,split]` below a heading; paths are relative to the file."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TrainingError(f"cannot read --data {path}: {error}") from error
    return [_csv_row(path, number, row) for number, row in enumerate(rows, start=2)]


def _csv_row(path: Path, number: int, row: dict[str, str]) -> Listed:
    image, label, split = (row.get(name) or "" for name in ("path", "label", "split"))
    if not image or not label:
        raise TrainingError(
            f"{path}:{number}: needs a path and a label below the heading path,label"
        )
    if split and split not in SPLITS:
        raise TrainingError(f"{path}:{number}: split {split!r} is neither 'train' nor 'validation'")
    return Listed(path.parent / image, label, SPLITS[split] if split else None)


def _labelled(folder: Path, label: str, valid: bool | None) -> list[Listed]:
    if label == "folder":
        return _by_class_folder(folder, valid)
    rule = _is_cat if label == "is-cat" else _matching(label.removeprefix("regex:"))
    return [Listed(path, rule(path), valid) for path in image_files(folder)]


def _is_cat(path: Path) -> str:
    """In Oxford-IIIT Pets the file names of cats begin with a capital letter."""
    return "cat" if path.name[0].isupper() else "dog"


def _matching(pattern: str) -> Callable[[Path], str]:
    """The class is what the first group of the pattern, or all of it, finds in the file name."""
    compiled = re.compile(pattern)

    def rule(path: Path) -> str:
        found = compiled.search(path.name)
        name = found and found[min(1, compiled.groups)]
        if not name:
            raise TrainingError(f"--label regex:{pattern} does not match the name of {path}")
        return str(name)

    return rule


def _by_class_folder(folder: Path, valid: bool | None) -> list[Listed]:
    found: list[Listed] = []
    for child in folder.iterdir():
        if child.is_dir() and not child.name.startswith("."):
            paths = image_files(child)
            if not paths:
                raise TrainingError(f"class {child.name!r} has no images: {child}")
            found += [Listed(path, child.name, valid) for path in paths]
    return found


def image_files(folder: Path) -> list[Path]:
    """All images below a folder, without hidden files and folders."""
    endings = Image.registered_extensions()
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in endings
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    )


def _require_classes(images: list[Listed], where: Path) -> list[Listed]:
    classes = {image.label for image in images}
    if not classes:
        raise TrainingError(f"no images in {where}")
    if len(classes) == 1:
        raise TrainingError(f"all images in {where} belong to one class, {classes.pop()!r}")
    return sorted(images, key=lambda image: image.path)
