"""Stopping at any batch, and continuing as if nothing had happened."""

import random
import time
from typing import Any

from fastai.callback.core import Callback, CancelEpochException, CancelFitException
from fastai.torch_core import set_seed

from fastparts.checkpoints import Checkpoints, State
from fastparts.steps import bare
from fastparts.stop import Stop

SAVE_EVERY = 300  # s; a machine may disappear without a signal in the middle of a long epoch.


class Resume(Callback):  # type: ignore[misc]  # fastai has no types.
    """Saves checkpoints after epochs and on request, and starts from the newest.

    A place in the training is (fit, epoch, batch): fine_tune is two fits, each with its own
    schedule. A resumed training makes the same calls and skips what is done. Batches, mixup and
    dropout take their random numbers from (seed, epoch, batch), so none need to be saved.
    It reads and writes two other callbacks of the Learner: `history` and `steps`.
    """

    order = 80  # After History (75), so that a checkpoint holds the row of its epoch.

    def __init__(
        self, checkpoints: Checkpoints, saved: State | None, stop: Stop, seed: int, lr: float
    ) -> None:
        super().__init__()
        self.checkpoints, self.saved, self.stop = checkpoints, saved, stop
        self.seed, self.lr = seed, lr
        self.fit_number = 0
        self.epochs_before = 0  # in earlier fits
        self.cost = 0.0  # s, for the last checkpoint

    def before_fit(self) -> None:
        self.fit_number += 1
        if self._stopping() or (self.saved and self.fit_number < self.saved["fit"]):
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
            key = f"model {self.seed} {self.done} {self.batch} {self.history.world.rank}"
            set_seed(random.Random(key).getrandbits(32))

    def after_batch(self) -> None:
        if not self.training:
            # Several processes validate different numbers of batches, so they cannot agree here.
            if self.stop.signal and self.history.world.size == 1:
                self._save(self.done, self.batch)
                raise CancelFitException
            return
        self.batch += 1
        if self.batch % self.steps.accumulate:
            return  # Part of a step cannot be saved.
        # Signals and clocks do not reach all processes at the same batch.
        due = time.monotonic() - self.last_save > SAVE_EVERY
        wish = self.history.world.largest(2 if self.stop.signal else int(due))
        if wish:
            self._save(self.done, self.batch)
        if wish == 2:
            raise CancelFitException

    def after_validate(self) -> None:
        stopping = self._stopping()
        # Saved first: a missing row can be published later, but one published twice stays.
        if stopping or self._worth_saving():
            self._save(self.done + 1, 0)
        self.history.publish()
        if stopping:
            raise CancelFitException

    def after_fit(self) -> None:
        self.epochs_before += self.n_epoch
        self.stop.deferred = False

    def _stopping(self) -> bool:
        return bool(self.history.world.any(self.stop.signal is not None))

    def _worth_saving(self) -> bool:
        """After an epoch: yes, unless saving would take more than a tenth of the time."""
        last = self.epoch + 1 == self.n_epoch
        return last or self.cost < 1 or time.monotonic() - self.last_save > 10 * self.cost

    def _save(self, epoch: int, batch: int) -> None:
        history = self.history.state()
        began = self.last_save = time.monotonic()
        if not self.history.world.leads:
            return
        optimizer = self.opt.state_dict()
        state: State = {
            "fit": self.fit_number,
            "epoch": epoch,
            "batch": batch,
            "lr": self.lr,
            "pct_train": self.pct_train,
            "train_iter": self.train_iter,
            "model": bare(self.model).state_dict(),
            "optimizer": {
                "state": optimizer["state"],
                "param_groups": [_plain(group) for group in optimizer["param_groups"]],
            },
            "steps": self.steps.state(),
            "history": history,
        }
        self.checkpoints.save(epoch, batch, state)
        self.last_save = time.monotonic()
        self.cost = self.last_save - began

    def _restore(self, saved: State) -> None:
        bare(self.model).load_state_dict(saved["model"])
        self.opt.load_state_dict(saved["optimizer"])  # This moves its tensors to the device.
        self.steps.load_state(saved["steps"])
        self.learn.train_iter = saved["train_iter"]


def _plain(group: dict[str, Any]) -> dict[str, Any]:
    """NumPy's numbers, which schedules produce, as Python's: torch.load refuses NumPy's."""
    return {key: _number(value) for key, value in group.items()}


def _number(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_number(part) for part in value)
    return value.item() if hasattr(value, "item") else value
