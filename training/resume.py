"""Stopping at any batch, and going on as if nothing had happened."""

import random
import time
from typing import Any

from fastai.vision.all import Callback, CancelEpochException, CancelFitException, L, set_seed
from torch import tensor

from checkpoint import Checkpoints, State
from metrics import History
from stop import Stop

SAVE_EVERY = 300  # s; a machine may go without a signal, in the middle of a long epoch.


class Resume(Callback):  # type: ignore[misc]  # fastai has no types.
    """Saves checkpoints after each epoch and on request, and starts from the newest.

    A place in the training is (fit, epoch, batch): fine_tune is two fits, each with its own
    schedule. A resumed training runs through the same calls, and leaves out what is done. Loaders
    and dropout take their random numbers from (seed, epoch, batch), so there are none to save.
    """

    order = 80  # After History (75), so that a checkpoint holds the row of its epoch.

    def __init__(
        self,
        checkpoints: Checkpoints,
        saved: State | None,
        history: History,
        stop: Stop,
        seed: int,
    ) -> None:
        super().__init__()
        self.checkpoints, self.saved, self.seen = checkpoints, saved, history
        self.stop, self.seed = stop, seed
        self.fit_number = 0
        self.epochs_before = 0  # in earlier fits

    def before_fit(self) -> None:
        self.fit_number += 1
        if self.stop.signal or (self.saved and self.fit_number < self.saved["fit"]):
            raise CancelFitException
        self.stop.deferred = True
        self.last_save = time.monotonic()
        if self.saved and self.fit_number == self.saved["fit"]:
            self._restore(self.saved)

    def before_epoch(self) -> None:
        self.done = self.epochs_before + self.epoch
        if self.saved and self.done < self.saved["epoch"]:
            raise CancelEpochException

    def before_train(self) -> None:
        self.batch = 0
        if self.saved and self.done == self.saved["epoch"] and self.saved["batch"]:
            self.batch = self.saved["batch"]
            self.learn.pct_train = self.saved["pct_train"]
        self.dls.train.start_at(self.done, self.batch)

    def before_batch(self) -> None:
        if self.training:
            key = f"model {self.seed} {self.done} {self.batch}"
            set_seed(random.Random(key).getrandbits(32))

    def after_batch(self) -> None:
        if self.training:
            self.batch += 1
        if self.stop.signal:
            self._save(self.done, self.batch)
            raise CancelFitException
        if self.training and time.monotonic() - self.last_save > SAVE_EVERY:
            self._save(self.done, self.batch)

    def after_validate(self) -> None:
        self._save(self.done + 1, 0)

    def after_fit(self) -> None:
        self.epochs_before += self.n_epoch
        self.stop.deferred = False

    def _save(self, epoch: int, batch: int) -> None:
        optimizer = self.opt.state_dict()
        hypers = [{k: _plain(v) for k, v in group.items()} for group in optimizer["hypers"]]
        smooth = self.recorder.smooth_loss
        state: State = {
            "fit": self.fit_number,
            "epoch": epoch,
            "batch": batch,
            "pct_train": self.pct_train,
            "train_iter": self.train_iter,
            "model": self.model.state_dict(),
            "optimizer": {"state": list(optimizer["state"]), "hypers": hypers},
            "smooth_loss": {"count": smooth.count, "val": float(smooth.val)},
            "history": self.seen.state(),
        }
        self.checkpoints.save(epoch, batch, state)
        self.last_save = time.monotonic()

    def _restore(self, saved: State) -> None:
        self.model.load_state_dict(saved["model"])
        device = self.dls.device
        state = [{k: _moved(v, device) for k, v in s.items()} for s in saved["optimizer"]["state"]]
        self.opt.load_state_dict({"state": state, "hypers": L(saved["optimizer"]["hypers"])})
        self.learn.train_iter = saved["train_iter"]
        smooth = self.recorder.smooth_loss
        smooth.count = saved["smooth_loss"]["count"]
        smooth.val = tensor(saved["smooth_loss"]["val"])


def _plain(value: Any) -> Any:
    """NumPy's numbers, which schedules produce, as Python's: torch.load refuses the former."""
    return value.item() if hasattr(value, "item") else value


def _moved(value: Any, device: Any) -> Any:
    return value.to(device) if hasattr(value, "to") else value
