"""Batches whose order and augmentation depend on (seed, epoch, image) alone.

No random state survives a batch, so a training can restart before any batch of any epoch and see
what it would have seen, with any number of processes.
"""

import random
from collections.abc import Iterator

import torch
from torch import Tensor

from fastparts.view import View
from fastparts.world import World


class Batches:
    """The `rows` of `items`: raw images with a view, or embeddings without.

    With a seed, for training: shuffled, augmented at random, in full batches only, since a small
    last batch harms batch norm. Without one: all of them, in order. Each process takes its part of
    every batch, so that a step sees the same images with any number of processes.
    """

    def __init__(
        self,
        items: Tensor,
        targets: Tensor,
        rows: Tensor,
        batch_size: int,
        world: World,
    ) -> None:
        self.items, self.targets, self.rows = items, targets, rows
        self.batch_size = min(batch_size, len(rows) // world.size * world.size)
        self.world = world
        self.view: View | None = None
        self.seed: int | None = None
        self.batch = 0  # the last one handed out
        self._epoch = self._first_batch = 0

    def __len__(self) -> int:
        rest = self.batch_size - 1 if self.seed is None else 0
        return (len(self.rows) + rest) // self.batch_size

    def start_at(self, epoch: int, batch: int) -> None:
        """Make the next pass that of `epoch`, without its first `batch` batches."""
        self._epoch, self._first_batch = epoch, batch

    def to(self, device: torch.device) -> None:
        """Hand out batches on `device`. Indices stay with the items: no GPU waits for them."""
        self.device, place = device, self.items.device
        self.rows, self.targets = self.rows.to(place), self.targets.to(place)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        n, place = len(self.rows), self.items.device
        first, self._first_batch = self._first_batch, 0
        order, numbers = torch.arange(n), torch.empty(n, 0)
        if self.seed is not None:
            order = torch.randperm(n, generator=self._generator("order"))
            numbers = torch.rand(n, 3, generator=self._generator("view"))
        order, numbers = order.to(place), numbers.to(place)
        for batch in range(first, len(self)):
            self.batch = batch
            chosen = order[batch * self.batch_size : (batch + 1) * self.batch_size]
            chosen = chosen[self.world.rank :: self.world.size]
            if len(chosen) == 0:
                return
            rows = self.rows[chosen]
            images, targets = self._there(self.items[rows]), self._there(self.targets[rows])
            if self.view and self.seed is not None:
                images = self.view.random(images, self._there(numbers[chosen]))
            elif self.view:
                images = self.view.middle(images)
            yield images, targets

    def _there(self, values: Tensor) -> Tensor:
        if values.device == self.device:
            return values
        return values.pin_memory().to(self.device, non_blocking=True)

    def _generator(self, use: str) -> torch.Generator:
        key = random.Random(f"{use} {self.seed} {self._epoch}").getrandbits(62)
        return torch.Generator().manual_seed(key)
