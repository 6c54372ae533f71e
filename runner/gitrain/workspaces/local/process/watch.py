"""Whether a run was asked to stop, seen from its supervisor without asking the ledger."""

from __future__ import annotations

from pathlib import Path

import msgspec

from gitrain.workspaces.folders.layout import RunFolder
from gitrain.workspaces.folders.regular_files import UnfitFileError
from gitrain.workspaces.local.ledger.recovery import read_record


class Watch:
    """Looks at a run's record, and reads it when it was replaced."""

    def __init__(self, record: Path) -> None:
        self._record = record
        self._seen = (0, 0)
        self._stop = False

    def stop_asked(self) -> bool:
        """Whether the run was canceled, or its folder was deleted."""
        try:
            status = self._record.lstat()
            seen = (status.st_ino, status.st_mtime_ns)
            if seen != self._seen:
                record = read_record(RunFolder(self._record.parent))
                self._stop = record.cause is not None or not record.phase.live
                self._seen = seen
        except FileNotFoundError:
            self._stop = True
        except (UnfitFileError, msgspec.MsgspecError):
            # The run itself put it there: the next change of its record takes its place.
            self._seen = seen
        return self._stop
