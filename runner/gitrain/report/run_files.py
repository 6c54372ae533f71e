"""The files of a run, listed or downloaded."""

from __future__ import annotations

import msgspec


class FilesReport(msgspec.Struct, frozen=True, kw_only=True):
    """`names` are relative to the run, sorted; `written` the paths of those that were downloaded,
    in the same order; empty if none was to be."""

    job: str
    run_id: str
    names: tuple[str, ...]
    written: tuple[str, ...] = ()
