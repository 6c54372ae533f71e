"""Stopping on SIGTERM and SIGINT."""

import signal
from types import FrameType


class Stop:
    """A request to stop, from the moment this object is made.

    Outside the training loop there is nothing to save, and the process exits at once. While
    `deferred`, the request waits in `signal` until the loop saves and leaves at its next batch.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self.deferred = False
        signal.signal(signal.SIGTERM, self._receive)
        signal.signal(signal.SIGINT, self._receive)

    @property
    def exit_code(self) -> int:
        """128 + the signal, as a shell reports it; 0 without one."""
        return 128 + self.signal if self.signal else 0

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        self.signal = number
        if not self.deferred:
            raise SystemExit(self.exit_code)
