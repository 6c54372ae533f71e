"""Whether a run was asked to stop, seen from its supervisor without asking the ledger."""

from __future__ import annotations

from pathlib import Path

import msgspec

from gitrain.workspaces.folders.states import Record


class Watch:
    """Looks at a run's record, and reads it when it was replaced."""

    def __init__(self, record: Path) -> None:
        self._record = record
        self._seen = (0, 0)
        self._stop = False

    def stop_asked(self) -> bool:
        """Whether the run was canceled, or its folder was deleted."""
        try:
            status = self._record.stat()
            seen = (status.st_ino, status.st_mtime_ns)
            if seen != self._seen:
                record = msgspec.json.decode(self._record.read_bytes(), type=Record)
                self._stop = record.cause is not None or not record.phase.live
                self._seen = seen
        except FileNotFoundError:
            self._stop = True
        return self._stop
