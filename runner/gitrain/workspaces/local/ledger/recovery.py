"""The ledger made again from the run folders, when it was lost or damaged."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import msgspec

from gitrain.identity import unflat
from gitrain.workspace import Adoption
from gitrain.workspaces.folders.layout import Home, RunFolder
from gitrain.workspaces.folders.locks import locked
from gitrain.workspaces.folders.regular_files import UnfitFileError, read
from gitrain.workspaces.folders.states import Record, Submitted
from gitrain.workspaces.local.ledger import tables
from gitrain.workspaces.local.ledger.faults import damaged


def create(connection: sqlite3.Connection, home: Home) -> None:
    """Make the tables, with every run whose folder is there: usually none."""
    # Only here, as the mode stays with the file, and setting it needs the file for oneself.
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("BEGIN IMMEDIATE")
    for statement in tables.SCHEMA.split(";"):
        connection.execute(statement)
    _fill(connection, home)
    connection.execute(f"PRAGMA user_version={tables.VERSION}")
    connection.execute("COMMIT")


def rebuilt(home: Home) -> sqlite3.Connection:
    """A ledger in memory, for those who only look; it notes that it is one, if it has any run."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(tables.SCHEMA)
    if _fill(connection, home):
        connection.execute("INSERT INTO notes VALUES ('rebuilt')")
    return connection


def is_rebuilt(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM notes").fetchone() is not None


def set_aside(home: Home) -> None:
    """Rename a damaged ledger, so that the next write makes it again; nothing is deleted."""
    with locked(home.path / "ledger.lock"):
        if _sound(home.ledger):
            return  # Another process has mended it meanwhile.
        suffix = f".damaged-{time.time_ns()}"
        for part in ("", "-wal", "-shm"):
            file = home.path / f"{home.ledger.name}{part}"
            with suppress(FileNotFoundError):
                file.rename(file.with_name(file.name + suffix))


def index(connection: sqlite3.Connection, folder: RunFolder) -> None:
    """Record the run that a folder holds."""
    submission = read(folder.path, folder.submission.name)
    identity = unflat(submission, Submitted).identity
    tables.insert(connection, identity, submission, read_record(folder))


def read_record(folder: RunFolder) -> Record:
    return msgspec.json.decode(read(folder.path, folder.record.name), type=Record)


def latest(record: Record, folder: RunFolder) -> Record:
    """The record in the run's folder, or the given one if there is none that can be read."""
    try:
        return read_record(folder)
    except (FileNotFoundError, PermissionError, UnfitFileError, msgspec.MsgspecError):
        return record


def adoption_path(home: Home, adoption: Adoption) -> Path:
    identity = adoption.identity
    return home.adoptions / identity.project / identity.job / f"{identity.name}.json"


def _fill(connection: sqlite3.Connection, home: Home) -> int:
    """Record every run and adoption that has files, and return how many runs there are."""
    runs = sorted(_readable(home), key=lambda run: run[0])
    for _, folder in runs:
        index(connection, folder)
    for path in sorted(home.adoptions.glob("*/*/*.json")):
        with suppress(OSError, msgspec.MsgspecError):
            tables.adopt(connection, unflat(path.read_bytes(), Adoption))
    return len(runs)


def _readable(home: Home) -> Iterator[tuple[tuple[str, int, str], RunFolder]]:
    """The folders that hold a run, with what orders them: when they were submitted."""
    for path in home.runs.glob("*/submission.json"):
        folder = RunFolder(path.parent)
        with suppress(OSError, UnfitFileError, msgspec.MsgspecError):
            identity = unflat(read(folder.path, path.name), Submitted).identity
            record = read_record(folder)
            if identity.run_id == path.parent.name:  # else it is a copy, or forged
                yield (record.submitted_at, identity.attempt, identity.run_id), folder


def _sound(path: Path) -> bool:
    if not path.exists():
        return True
    try:
        with closing(tables.open_for_reading(path)) as connection:
            if not tables.version(connection, path):
                return True
            connection.execute("SELECT 1 FROM runs, adoptions, notes LIMIT 1").fetchone()
            rows = connection.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.Error as error:
        if damaged(error):
            return False
        raise
    return rows == [("ok",)]
