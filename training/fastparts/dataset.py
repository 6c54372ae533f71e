"""The images that --data names, raw and in memory."""

from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor

from fastparts.array_cache import Array, cached
from fastparts.console import TrainingError
from fastparts.downloads import fetch_pets
from fastparts.image_files import LabelledImage, find_images, fingerprint, in_threads
from fastparts.view import read_square

IMAGE_SIZE = 224  # What ImageNet models were trained with, and the tutorial's.


@dataclass(frozen=True)
class Data:
    """Labelled images, split in two; `fingerprint` is a sha256 of their contents.

    `pixels` is uint8 [n, side, side, channels]; `targets` is int64 [n], indices into `labels`;
    `train` and `valid` are int64 indices into `pixels`. A model sees `size` pixels of the `side`.
    For a new image to look the same, its shorter side is first resized to `resize`.
    """

    pixels: Tensor
    targets: Tensor
    train: Tensor
    valid: Tensor
    labels: tuple[str, ...]
    fingerprint: str
    size: int
    resize: int
    flip: bool

    @property
    def channels(self) -> int:
        return self.pixels.shape[3]

    def on(self, device: torch.device) -> Tensor:
        """The pixels, on a GPU if they take less than half of its free memory."""
        if device.type != "cuda" or self.pixels.nbytes > torch.cuda.mem_get_info(device)[0] / 2:
            return self.pixels
        return self.pixels.to(device)


def load_data(
    source: str, label: str, size: int | None, valid_pct: float | None, workers: int | None
) -> Data:
    """Load `digits`, `pets`, or the images of a folder or a CSV file.

    Raises TrainingError when they cannot be used.
    """
    if source == "digits":
        if label != "folder":
            raise TrainingError("--data digits has labels of its own: leave out --label")
        return _digits(size or 8, valid_pct or 0.2)
    if source == "pets" and label == "folder":
        raise TrainingError("--data pets needs --label is-cat: its images are all in one folder")
    path = fetch_pets() if source == "pets" else Path(source)
    images = find_images(path, label, valid_pct, workers)
    return _files(images, path if path.is_dir() else path.parent, size or IMAGE_SIZE, workers)


def _digits(size: int, valid_pct: float) -> Data:
    """scikit-learn's 1,797 handwritten digits, 8x8, with a black edge for random crops."""
    pixels, targets = load_digits(return_X_y=True)
    images = torch.tensor(pixels * 255 / 16, dtype=torch.float32).view(-1, 1, 8, 8)
    images = torch.nn.functional.interpolate(images, size=(size, size), mode="bilinear")
    edged = torch.nn.functional.pad(images.round(), [max(1, size // 8)] * 4)
    train, valid = train_test_split(
        range(len(targets)), test_size=valid_pct, random_state=0, stratify=targets
    )
    return Data(
        pixels=edged.to(torch.uint8).permute(0, 2, 3, 1).contiguous(),
        targets=torch.tensor(targets, dtype=torch.int64),
        train=torch.tensor(train),
        valid=torch.tensor(valid),
        labels=tuple(str(digit) for digit in range(10)),
        fingerprint=sha256(pixels.tobytes() + targets.tobytes()).hexdigest(),
        size=size,
        resize=size,
        flip=False,
    )


def _files(images: list[LabelledImage], root: Path, size: int, workers: int | None) -> Data:
    """Image files, decoded once and kept a seventh larger than the model sees them."""
    labels = tuple(sorted({image.label for image in images}))
    side = round(size * 8 / 7)  # 256 for 224, as ImageNet models are fed
    identity = fingerprint(images, root)
    shape = (len(images), side, side, 3)
    valid = torch.tensor([image.valid for image in images])
    return Data(
        pixels=cached(f"pixels {identity}", shape, "uint8", partial(_decode, images, workers)),
        targets=torch.tensor([labels.index(image.label) for image in images]),
        train=torch.nonzero(~valid).flatten(),
        valid=torch.nonzero(valid).flatten(),
        labels=labels,
        fingerprint=identity,
        size=size,
        resize=side,
        flip=True,
    )


def _decode(images: list[LabelledImage], workers: int | None, into: Array) -> None:
    def read(number: int) -> None:
        into[number] = read_square(images[number].path, *into.shape[2:])

    for _ in in_threads(read, range(len(images)), workers):
        pass
