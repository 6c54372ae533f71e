"""Image files by content: which go to validation, and whether training would have seen them."""

import hashlib
import os
import random
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from errors import TrainingError
from labels import Listed, list_images

SPLIT_SEED = 0  # The split is part of the data: --seed varies training only.
In = TypeVar("In")
Out = TypeVar("Out")


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
        raise TrainingError(f"{source}: some images have a split and some have none")
    elif valid_pct is not None:
        raise TrainingError(f"--valid-pct has no use: {source} says which images validate")
    else:
        valid = {image.path for image in listed if image.valid}
    images = [LabelledImage(i.path, i.label, i.path in valid, d) for i, d in digests.items()]
    _require_equal_classes(images, source)
    _refuse_leaks(images)
    return images


def fingerprint(images: Iterable[LabelledImage], root: Path) -> str:
    """A sha256 over where below `root` the images are, their classes, splits and contents."""
    total = hashlib.sha256()
    for i in images:
        place = os.path.relpath(i.path, root)
        total.update(f"{place}\0{i.label}\0{int(i.valid)}\0{i.sha256}\n".encode())
    return total.hexdigest()


def in_threads(
    work: Callable[[In], Out], items: Iterable[In], workers: int | None
) -> Iterator[Out]:
    """`work` on each item, in their order; reading and decoding images run side by side."""
    with ThreadPoolExecutor(workers or min(16, len(os.sched_getaffinity(0)))) as pool:
        yield from pool.map(work, items)


def _sha256(image: Listed) -> str:
    try:
        return hashlib.sha256(image.path.read_bytes()).hexdigest()
    except OSError as error:
        raise TrainingError(f"{image.path} cannot be read as an image: {error}") from error


def _choose(digests: dict[Listed, str], source: Path, valid_pct: float) -> set[Path]:
    """Take the same part of each class for validation, and copies of one image together."""
    valid: set[str] = set()
    taken: set[str] = set()
    for name in sorted({image.label for image in digests}):
        # In the order of the paths; a content that an earlier class has is already placed.
        own = [d for image, d in digests.items() if image.label == name and d not in taken]
        contents = list(dict.fromkeys(own))
        if len(contents) < 2:
            raise TrainingError(f"class {name!r} has one image; to split it needs two: {source}")
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
            f"{len(leaks)} of the validation images are training images too:"
            f" {first.path} is {train[first.sha256]}"
        )
