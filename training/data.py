"""From what --data names to batches."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

import torch
from fastai.vision.all import (
    Categorize,
    DataLoaders,
    Datasets,
    IntToFloatTensor,
    Normalize,
    PILImage,
    Resize,
    ToTensor,
    default_device,
    imagenet_stats,
)
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from download import fetch_pets
from errors import TrainingError
from images import LabelledImage, check_images, find_images
from loaders import ArrayLoader, ImageLoader

IMAGE_SIZE = 224  # What ImageNet models were trained with, and the tutorial's.


@dataclass(frozen=True)
class Data:
    """Labelled images, split in two; `fingerprint` is a sha256 of their contents.

    A raw image becomes float32 [channels, size, size]: from 0 (black) to 1, minus `mean`, divided
    by `std`. `loaders(batch_size, seed, workers)` makes batches of such images and int64 labels.
    """

    labels: tuple[str, ...]
    n_train: int
    n_valid: int
    fingerprint: str
    size: int
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    loaders: Callable[[int, int, int], DataLoaders]


def load_data(source: str, label: str, size: int | None, valid_pct: float | None) -> Data:
    """Load `digits`, `pets` or a folder of images. Raises TrainingError when it is not usable."""
    if source == "digits":
        if label != "folder":
            raise TrainingError("--data digits has its own labels: leave --label out")
        return _digits(size or 8, valid_pct or 0.2)
    if source == "pets" and label != "is-cat":
        raise TrainingError("--data pets needs --label is-cat: all its images are in one folder")
    folder = fetch_pets() if source == "pets" else Path(source)
    return _image_files(folder, find_images(folder, label, valid_pct), size or IMAGE_SIZE)


def _digits(size: int, valid_pct: float) -> Data:
    """scikit-learn's 1,797 handwritten digits: 8x8 pixels, one channel, 0 to 16."""
    pixels, targets = load_digits(return_X_y=True)
    images = torch.tensor(pixels / 16, dtype=torch.float32).view(-1, 1, 8, 8)
    if size != 8:
        images = torch.nn.functional.interpolate(images, size=(size, size), mode="bilinear")
    labels = torch.tensor(targets, dtype=torch.int64)
    train, valid = train_test_split(
        range(len(targets)), test_size=valid_pct, random_state=0, stratify=targets
    )
    return Data(
        labels=tuple(str(digit) for digit in range(10)),
        n_train=len(train),
        n_valid=len(valid),
        fingerprint=sha256(pixels.tobytes() + targets.tobytes()).hexdigest(),
        size=size,
        channels=1,
        mean=(0.0,),
        std=(1.0,),
        loaders=partial(_array_loaders, images, labels, train, valid),
    )


def _array_loaders(
    images: torch.Tensor,
    labels: torch.Tensor,
    train: list[int],
    valid: list[int],
    *options: int,
) -> DataLoaders:
    batch_size, seed, _ = options  # No worker has anything to do here.
    return DataLoaders(
        ArrayLoader(images[train], labels[train], batch_size, seed=seed, shift=1),
        ArrayLoader(images[valid], labels[valid], batch_size),
        device=default_device(),
    )


def _image_files(root: Path, images: list[LabelledImage], size: int) -> Data:
    mean, std = imagenet_stats
    n_valid = sum(image.valid for image in images)
    labels = tuple(sorted({image.label for image in images}))
    return Data(
        labels=labels,
        n_train=len(images) - n_valid,
        n_valid=n_valid,
        fingerprint=check_images(images, root),
        size=size,
        channels=3,
        mean=tuple(mean),
        std=tuple(std),
        loaders=partial(_image_loaders, images, labels, size),
    )


def _image_loaders(
    images: list[LabelledImage], labels: tuple[str, ...], size: int, *options: int
) -> DataLoaders:
    """Images cropped to a square: a training image anywhere, a validation image in the middle."""
    batch_size, seed, workers = options
    splits = [[i for i, image in enumerate(images) if image.valid is v] for v in (False, True)]
    datasets = Datasets(
        images,
        tfms=[[_path, PILImage.create], [_label, Categorize(vocab=list(labels), sort=False)]],
        splits=splits,
    )
    train, valid = (
        ImageLoader(
            datasets.subset(i),
            bs=min(batch_size, len(splits[i])),
            drop_last=i == 0,
            num_workers=workers,
            device=default_device(),
            after_item=[Resize(size), ToTensor()],
            after_batch=[IntToFloatTensor(), Normalize.from_stats(*imagenet_stats)],
        )
        for i in (0, 1)
    )
    train.seed = seed
    return DataLoaders(train, valid, device=default_device())


def _path(image: LabelledImage) -> Path:
    return image.path


def _label(image: LabelledImage) -> str:
    return image.label
