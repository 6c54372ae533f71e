"""What a training measures: a row for each epoch, and which classes it confuses."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from fastai.callback.core import Callback
from torch import Tensor
from torch.nn.functional import cross_entropy

from fastparts.whole_files import write_bytes
from fastparts.world import World

Row = dict[str, float]
Sink = Callable[[list[Row]], None]

COLUMNS = ("train_loss", "valid_loss", "accuracy", "error_rate", "lr", "seconds")
SMOOTHING = 0.98  # of the training loss, as in fastai


class History(Callback):  # type: ignore[misc]  # fastai has no types.
    """Collects a row for each epoch and the loss of each batch; hands the rows to `sinks`.

    Sums stay on the device until the end of the epoch, because reading a number waits for it.
    """

    order = 75  # Before Resume (80), so that a checkpoint holds the row of its epoch.

    def __init__(self, world: World, classes: int) -> None:
        super().__init__()
        self.world = world
        # Validation images of the last epoch: a row for each true class, a column for each found.
        self.matrix = torch.zeros(classes, classes, dtype=torch.int64)
        self.sinks: list[Sink] = []
        self.rows: list[Row] = []
        self.losses: list[float] = []  # of each batch, smoothed
        self.average = 0.0  # weighted sum of the losses, not yet divided by the sum of the weights
        self.images = 0  # this process has trained on
        self.rates: list[float] = []  # training images per second of all processes, by epoch
        self.spent = {"images": 0, "training": 0.0, "all": 0.0}  # of this epoch
        self.mlflow_run: str | None = None  # So that a resumed training continues it.
        self._recent: list[Tensor] = []

    def state(self) -> dict[str, Any]:
        self._settle()
        names = ("rows", "losses", "average", "images", "rates", "matrix", "mlflow_run")
        return {"spent": dict(self.spent), **{name: getattr(self, name) for name in names}}

    def load_state(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def before_train(self) -> None:
        self._last_tick = time.perf_counter()

    def before_validate(self) -> None:
        self._settle()
        self._loss = torch.zeros((), device=self.dls.device)
        self._counts = torch.zeros_like(self.matrix, device=self.dls.device)

    def after_batch(self) -> None:
        wanted = self.yb[0]
        if self.training:
            self._recent.append(self.loss.detach())
            self.images += len(wanted)
            self.spent["images"] += len(wanted)
            return
        self._loss += cross_entropy(self.pred, wanted, reduction="sum")
        cells = wanted * len(self.matrix) + self.pred.argmax(1)
        self._counts.view(-1).scatter_add_(0, cells, torch.ones_like(cells))

    def after_validate(self) -> None:
        loss = float(self.world.total(self._loss))
        self.matrix = self.world.total(self._counts).cpu()
        self._tick("all")
        right, n = self.score()
        values = {
            "train_loss": self.losses[-1],
            "valid_loss": loss / n,
            "accuracy": right / n,
            "error_rate": 1 - right / n,
            "lr": float(self.opt.hypers[-1]["lr"]),
            "seconds": self.spent["all"],
        }
        row: Row = {"epoch": len(self.rows) + 1}
        # JSON has no NaN, and a missing metric is noticed. float32 has 7 digits.
        row |= {k: float(f"{v:.6g}") for k, v in values.items() if math.isfinite(v)}
        self.rows.append(row)
        rate = self.spent["images"] * self.world.size / max(self.spent["training"], 1e-9)
        self.rates.append(round(rate, 1))
        self.spent = {"images": 0, "training": 0.0, "all": 0.0}

    def score(self) -> tuple[int, int]:
        """How many validation images were classified correctly, and how many there were."""
        return int(self.matrix.trace()), int(self.matrix.sum())

    def publish(self) -> None:
        for sink in self.sinks:
            sink(self.rows)

    def _settle(self) -> None:
        """Collect the losses of all processes since the last call, and the time they took."""
        if not self._recent:
            return
        losses = self.world.total(torch.stack(self._recent) / self.world.size)
        for loss in losses.tolist():
            self.average = SMOOTHING * self.average + (1 - SMOOTHING) * loss
            self.losses.append(self.average / (1 - SMOOTHING ** (len(self.losses) + 1)))
        self._recent.clear()
        self._tick("training", "all")

    def _tick(self, *names: str) -> None:
        now = time.perf_counter()
        for name in names:
            self.spent[name] += now - self._last_tick
        self._last_tick = now


def write_rows(path: Path, rows: list[Row]) -> None:
    write_bytes(path, "".join(f"{json.dumps(row)}\n" for row in rows).encode())


def heading() -> str:
    return "  ".join(["epoch", *(f"{name:>10}" for name in COLUMNS)])


def line(row: Row) -> str:
    """The row, each number below its name in the heading."""
    cells = [f"{row.get(name, math.nan):>10.4g}" for name in COLUMNS]
    return "  ".join([f"{int(row['epoch']):>5}", *cells])


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95 % confidence interval of the share `right` / `n`; it holds near 0 and 1, too."""
    z, share = 1.96, right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
