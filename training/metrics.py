"""What a training reports: a row per epoch, and at the end what it confuses."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from fastai.vision.all import Callback, Learner

from files import write_bytes

Row = dict[str, float]

COLUMNS = ("train_loss", "valid_loss", "accuracy", "error_rate", "lr", "seconds")


class History(Callback):  # type: ignore[misc]  # fastai has no types.
    """Collects the epochs' rows and each batch's loss; passes the rows to `sinks` after each."""

    order = 75  # After fastai's Recorder (50), whose numbers it takes.

    def __init__(self, sinks: list[Callable[[list[Row]], None]]) -> None:
        super().__init__()
        self.sinks = sinks
        self.rows: list[Row] = []
        self.losses: list[float] = []  # of each batch, smoothed
        self.images = 0
        self.train_seconds = 0.0
        self.epoch_seconds = 0.0

    def state(self) -> dict[str, Any]:
        self._tick()
        names = ("rows", "losses", "images", "train_seconds", "epoch_seconds")
        return {name: getattr(self, name) for name in names}

    def load_state(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def before_train(self) -> None:
        self._last_tick = time.perf_counter()

    def after_batch(self) -> None:
        if self.training:
            self.train_seconds += self._tick()
            self.losses.append(float(self.recorder.losses[-1]))
            self.images += len(self.yb[0])

    def after_validate(self) -> None:
        self._tick()
        _, train_loss, valid_loss, accuracy, error_rate = self.recorder.log
        values = {
            "train_loss": train_loss,
            "valid_loss": valid_loss,
            "accuracy": accuracy,
            "error_rate": error_rate,
            "lr": self.opt.hypers[-1]["lr"],
            "seconds": self.epoch_seconds,
        }
        row: Row = {"epoch": len(self.rows) + 1}
        # JSON has no NaN, and a metric that is missing is noticed. float32 has 7 digits.
        row |= {k: float(f"{v:.6g}") for k, v in values.items() if math.isfinite(v)}
        self.rows.append(row)
        self.epoch_seconds = 0.0
        for sink in self.sinks:
            sink(self.rows)

    def _tick(self) -> float:
        now = time.perf_counter()
        passed, self._last_tick = now - self._last_tick, now
        self.epoch_seconds += passed
        return passed


def write_rows(path: Path, rows: list[Row]) -> None:
    write_bytes(path, "".join(f"{json.dumps(row)}\n" for row in rows).encode())


def heading() -> str:
    return "  ".join(["epoch", *(f"{name:>10}" for name in COLUMNS)])


def line(row: Row) -> str:
    """The row with its numbers below the names of the heading."""
    cells = [f"{row.get(name, math.nan):>10.4g}" for name in COLUMNS]
    return "  ".join([f"{int(row['epoch']):>5}", *cells])


def confusion(learn: Learner, classes: int) -> torch.Tensor:
    """Validation images by class (row) and what the model takes them for (column): int64 [c, c]."""
    learn.model.eval()
    matrix = torch.zeros(classes, classes, dtype=torch.int64)
    with torch.no_grad():
        for images, labels in learn.dls.valid:
            found = learn.model(images.as_subclass(torch.Tensor)).argmax(dim=1)
            cells = labels.as_subclass(torch.Tensor) * classes + found
            matrix += torch.bincount(cells.cpu(), minlength=classes**2).view(classes, classes)
    return matrix
