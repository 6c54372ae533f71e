"""Ending a training that no longer improves."""

from fastai.callback.core import Callback, CancelFitException


class EarlyStop(Callback):  # type: ignore[misc]  # fastai has no types.
    """Ends the last fit when the validation loss has not improved for `patience` epochs.

    It looks only at the rows of `history`, so a resumed training ends where it would have.
    """

    order = 90  # After Resume (80), which counts the fits and saves.

    def __init__(self, patience: int, first_epoch: int) -> None:
        super().__init__()
        self.patience, self.first_epoch = patience, first_epoch

    def before_epoch(self) -> None:
        if self._enough():
            raise CancelFitException

    def after_validate(self) -> None:
        if self._enough():
            raise CancelFitException

    def _enough(self) -> bool:
        losses = [
            row.get("valid_loss", float("inf")) for row in self.history.rows[self.first_epoch :]
        ]
        return len(losses) - 1 - losses.index(min(losses)) >= self.patience if losses else False
