"""An image as a model sees it, in train.py and predict.py alike."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor

from fastparts.console import TrainingError

Pixels = NDArray[np.uint8]


def read_square(path: Path, side: int, channels: int) -> Pixels:
    """uint8 [side, side, channels]: the middle of the upright image, its shorter side made `side`.

    Raises TrainingError, with the path, when it cannot be decoded.
    """
    try:
        with Image.open(path) as image:
            # Halving is free in the JPEG decoder; at twice the side the quality is kept.
            image.draft(None, (2 * side, 2 * side))
            whole = ImageOps.exif_transpose(image).convert("L" if channels == 1 else "RGB")
            square = ImageOps.fit(whole, (side, side), Image.Resampling.BILINEAR)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise TrainingError(f"cannot read {path} as an image: {error}") from error
    return np.asarray(square).reshape(side, side, channels)


@dataclass(frozen=True)
class View:
    """What a model sees of raw images, uint8 [n, side, side, c]: float32 [n, channels, size, size].

    Cropped in the middle, or at a random place and flipped half of the time; scaled to 0 (black)
    to 1, minus `mean`, divided by `std`.
    """

    size: int
    channels: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    flip: bool
    channels_last: bool = False

    def middle(self, raw: Tensor) -> Tensor:
        start = (raw.shape[1] - self.size) // 2
        end = start + self.size
        return self._normalised(raw[:, start:end, start:end])

    def random(self, raw: Tensor, numbers: Tensor) -> Tensor:
        """`numbers`, [n, 3] from 0 to 1, decide where to crop each image and whether to flip it."""
        places = raw.shape[1] - self.size + 1
        top, left = (numbers[:, :2] * places).long().T[..., None]
        along = torch.arange(self.size, device=raw.device).expand(len(raw), -1)
        if self.flip:
            along = torch.where(numbers[:, 2:] < 0.5, along.flip(1), along)
        rows = top + torch.arange(self.size, device=raw.device)
        columns = left + along
        items = torch.arange(len(raw), device=raw.device)[:, None, None]
        return self._normalised(raw[items, rows[:, :, None], columns[:, None, :]])

    def _normalised(self, raw: Tensor) -> Tensor:
        images = raw.permute(0, 3, 1, 2).float().div_(255)
        images = images.expand(-1, self.channels, -1, -1)
        mean, std = (_constant(values, raw.device) for values in (self.mean, self.std))
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        return ((images - mean) / std).contiguous(memory_format=layout)


@cache
def _constant(values: tuple[float, ...], device: torch.device) -> Tensor:
    return torch.tensor(values, device=device).view(-1, 1, 1)
