"""Batches whose order and augmentation depend on (seed, epoch, place in the epoch) alone.

No random state survives a batch, so training can restart before any batch of any epoch and see
what it would have seen.
"""

import random
import signal
from collections.abc import Iterator
from typing import Any

import torch
from fastai.vision.all import TfmdDL
from torch import Tensor


def shuffled(n: int, seed: int, epoch: int) -> list[int]:
    return random.Random(f"order {seed} {epoch}").sample(range(n), n)


class ArrayLoader:
    """Images held in memory as one tensor: float32 [n, channels, size, size], labels int64 [n].

    Give a seed for training: the images are then shuffled, moved by up to `shift` pixels in both
    directions, and come in full batches only, since batch norm suffers from a small rest. Without
    a seed they come in order, all of them.
    """

    def __init__(
        self,
        images: Tensor,
        labels: Tensor,
        batch_size: int,
        seed: int | None = None,
        shift: int = 0,
    ) -> None:
        self.images, self.labels = images, labels
        self.batch_size, self.seed, self.shift = min(batch_size, len(labels)), seed, shift
        self._epoch = self._first_batch = 0

    def __len__(self) -> int:
        rest = self.batch_size - 1 if self.seed is None else 0
        return (len(self.labels) + rest) // self.batch_size

    def start_at(self, epoch: int, batch: int) -> None:
        """Let the next pass be that of `epoch`, without its first `batch` batches."""
        self._epoch, self._first_batch = epoch, batch

    def to(self, device: torch.device) -> None:
        self.images, self.labels = self.images.to(device), self.labels.to(device)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        n = len(self.labels)
        order = range(n) if self.seed is None else shuffled(n, self.seed, self._epoch)
        indices = torch.tensor(order, device=self.labels.device)
        for batch in range(self._first_batch, len(self)):
            chosen = indices[batch * self.batch_size : (batch + 1) * self.batch_size]
            images = self.images[chosen]
            if self.seed is not None and self.shift:
                images = self._shifted(images, random.Random(f"{self.seed} {self._epoch} {batch}"))
            yield images, self.labels[chosen]

    def _shifted(self, images: Tensor, rng: random.Random) -> Tensor:
        """Move each image on its own; what comes in from outside is black."""
        n, _, height, width = images.shape
        padded = torch.nn.functional.pad(images, [self.shift] * 4)
        steps = torch.tensor([rng.randint(0, 2 * self.shift) for _ in range(2 * n)])
        down, right = steps.to(images.device).view(2, n, 1)
        rows = down + torch.arange(height, device=images.device)
        columns = right + torch.arange(width, device=images.device)
        items = torch.arange(n, device=images.device)[:, None, None]
        moved = padded[items, :, rows[:, :, None], columns[:, None, :]]
        return moved.permute(0, 3, 1, 2).contiguous()


class ImageLoader(TfmdDL):  # type: ignore[misc]  # fastai has no types.
    """fastai's loader of image files, with the random numbers tied to the place in the epoch.

    `seed` is None for validation images: they have no random transforms and keep their order.
    """

    seed: int | None = None
    _epoch = _first_batch = 0

    def start_at(self, epoch: int, batch: int) -> None:
        """Let the next pass be that of `epoch`, without its first `batch` batches."""
        self._epoch, self._first_batch = epoch, batch

    def get_idxs(self) -> list[int]:
        if self.seed is None:
            return list(range(self.n))
        order = shuffled(self.n, self.seed, self._epoch)
        return order[self._first_batch * self.bs :]

    def do_item(self, s: int | None) -> Any:
        # fastai's item transforms draw from Python's generator. Seeding it for each image makes
        # the result the same whichever worker loads it, after whatever else.
        if self.seed is not None:
            random.seed(f"{self.seed} {self._epoch} {s}")
        return super().do_item(s)

    def wif(self) -> None:
        # A signal to the process group is for the main process, which needs its workers alive
        # until the batch at which it stops.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
