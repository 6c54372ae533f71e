"""What runs log in `outputs/metrics.jsonl`: each file read once, and then what was appended."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

from gitrain.metrics import MOST_BYTES, MetricsError, MetricsReader
from gitrain.observed import Metrics
from gitrain.workspaces.folders.layout import RunFolder
from gitrain.workspaces.folders.regular_files import UnfitFileError, opened

METRICS_FILE = "outputs/metrics.jsonl"
_PIECE = 256 * 1024
# So much at the begin and at the end of what was read must be as it was, for a file that grew to
# count as appended to: a script may as well write all of it anew.
_COMPARED = 4096


@dataclass(slots=True)
class _Seen:
    """What was read of one file, and what the file was then."""

    version: tuple[int, ...]
    compared: int = 0
    reader: MetricsReader | None = None
    extremes: Metrics = field(default_factory=dict)
    fault: str = ""


class MetricsFiles:
    """The metrics of runs, by their folders. Of those that ended only the extremes are kept.

    Every method returns no metrics for a run whose file cannot be read, and `unread` says why.
    """

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self.unread: dict[str, str] = {}

    def series(self, folder: RunFolder) -> Metrics:
        """Every value, but for the limits of `MetricsReader.series`."""

        def read(file: BinaryIO) -> Metrics:
            return _fed(MetricsReader(), file, 0, _version(file)[2]).series()

        return self._asked(folder, read)

    def extremes(self, folder: RunFolder, *, live: bool) -> Metrics:
        """The last, smallest and largest of each series; `live`: the file is still written."""
        run_id = folder.path.name

        def read(file: BinaryIO) -> Metrics:
            seen = self._seen.get(run_id)
            if seen is None or seen.version != _version(file):
                seen = self._seen[run_id] = _look(seen, file)
            if not live:
                seen.reader = None
            if seen.fault:
                raise MetricsError(seen.fault)
            return seen.extremes

        return self._asked(folder, read)

    def _asked(self, folder: RunFolder, read: Callable[[BinaryIO], Metrics]) -> Metrics:
        run_id = folder.path.name
        self.unread.pop(run_id, None)
        try:
            with opened(folder.path, f"{folder.code.name}/{METRICS_FILE}") as file:
                return read(file)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except UnfitFileError as error:
            self.unread[run_id] = str(error)
        except MetricsError as error:
            self.unread[run_id] = f"{METRICS_FILE} has {error}"
        except OSError as error:
            self.unread[run_id] = f"cannot read {METRICS_FILE}: {error.strerror}"
        return {}


def _look(seen: _Seen | None, file: BinaryIO) -> _Seen:
    """What there is to see now, read on from what was seen where the file was appended to."""
    version = _version(file)
    reader, start = MetricsReader(), 0
    if seen and seen.reader and _grew(seen, file, version):
        reader, start = seen.reader, seen.version[2]
    try:
        _fed(reader, file, start, version[2])
    except MetricsError as error:
        return _Seen(version, fault=str(error))
    return _Seen(version, _checksum(file, version[2]), reader, reader.extremes())


def _grew(seen: _Seen, file: BinaryIO, version: tuple[int, ...]) -> bool:
    size = seen.version[2]
    same = seen.version[:2] == version[:2] and size <= version[2]
    return same and _checksum(file, size) == seen.compared


def _fed(reader: MetricsReader, file: BinaryIO, start: int, end: int) -> MetricsReader:
    """Raises MetricsError."""
    if end > MOST_BYTES:
        raise MetricsError(f"more than {MOST_BYTES >> 20} MiB")
    file.seek(start)
    while start < end and (piece := file.read(min(_PIECE, end - start))):
        reader.feed(piece)
        start += len(piece)
    return reader


def _version(file: BinaryIO) -> tuple[int, ...]:
    """Device, inode, size, and when it was written last."""
    status = os.fstat(file.fileno())
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _checksum(file: BinaryIO, size: int) -> int:
    """Of the begin and the end of the first `size` bytes."""
    file.seek(0)
    first = file.read(min(_COMPARED, size))
    file.seek(max(size - _COMPARED, 0))
    return zlib.crc32(file.read(min(_COMPARED, size)), zlib.crc32(first))
