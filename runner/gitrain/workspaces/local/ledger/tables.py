"""The ledger's tables, and every statement that is asked of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec

from gitrain.errors import WorkspaceError
from gitrain.identity import Identity, unflat
from gitrain.observed import Phase
from gitrain.workspace import Adoption, AskedJob
from gitrain.workspaces.folders.states import Record, Submitted, stored

VERSION = 1
# Other processes hold the write lock for milliseconds; a minute is for a machine under great load.
_BUSY_SECONDS = 60

SCHEMA = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    project TEXT NOT NULL,
    job TEXT NOT NULL,
    digest TEXT NOT NULL,
    phase TEXT NOT NULL,
    submission BLOB NOT NULL,
    record BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX runs_by_project ON runs (project);
CREATE INDEX runs_by_digest ON runs (digest);
CREATE INDEX runs_by_phase ON runs (phase, number);
CREATE TABLE adoptions (
    project TEXT NOT NULL,
    job TEXT NOT NULL,
    digest TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    adoption BLOB NOT NULL,
    PRIMARY KEY (project, job, digest, attempt)
) WITHOUT ROWID;
CREATE TABLE notes (note TEXT NOT NULL);
"""
# In the statements below, a plus keeps SQLite from an index that has all of history.

# What only the record says, where an index can find it. A variant is NULL or 1.
_VARIANT = "json_extract(CAST(record AS TEXT), '$.tags.variant')"
_SUBMITTED = "json_extract(CAST(record AS TEXT), '$.submitted_at')"
_ENDED = "json_extract(CAST(record AS TEXT), '$.ended_at')"
# A ledger of an earlier release gets them with its next write.
INDEXES = (
    "CREATE INDEX IF NOT EXISTS runs_by_submission ON runs "
    f"(project, job, {_VARIANT}, {_SUBMITTED}, digest)",
    "CREATE INDEX IF NOT EXISTS runs_by_end ON runs "
    f"(project, job, phase, {_VARIANT}, {_ENDED}, digest)",
)
_PAGE = 500
_COLUMNS = "runs.number, runs.submission, runs.record"


class DamagedError(sqlite3.DatabaseError):
    """Damage that SQLite does not see."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


class Entry(msgspec.Struct, frozen=True):
    """One run: `number` counts the submissions, whatever the clock said."""

    number: int
    submitted: Submitted
    record: Record


class Adopted(msgspec.Struct, frozen=True):
    """An adoption, and the run that it adopts."""

    adoption: Adoption
    entry: Entry


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open a ledger that exists; in a folder that cannot be written, as it lies there."""
    try:
        return _opened(path, "mode=rw")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
        return _opened(path, "mode=ro&immutable=1")


def open_for_writing(path: Path) -> sqlite3.Connection:
    connection = _connect(path, "mode=rwc")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def version(connection: sqlite3.Connection, path: Path) -> int:
    """The version of the tables; 0: there are none yet. Raises WorkspaceError for a newer one."""
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if found > VERSION:
        raise WorkspaceError(f"{path} was written by a newer gitrain (version {found}): upgrade")
    return found


def find(connection: sqlite3.Connection, run_id: str) -> Entry | None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", (run_id,)).fetchone()
    return _entry(row) if row else None


def get(connection: sqlite3.Connection, run_id: str) -> Entry:
    entry = find(connection, run_id)
    if entry is None:
        raise WorkspaceError(f"there is no run {run_id}")
    return entry


def entries(connection: sqlite3.Connection, project: str) -> tuple[Entry, ...]:
    """Every run of a project. Raises DamagedError where the table and its index disagree: a page
    may be damaged so that SQLite finds fewer rows and no fault."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM runs NOT INDEXED ORDER BY number")
    found = [entry for entry in map(_entry, rows) if entry.submitted.identity.project == project]
    ask = "SELECT id FROM runs INDEXED BY runs_by_project WHERE project = ?"
    ids = {str(row[0]) for row in connection.execute(ask, (project,))}
    if ids != {entry.submitted.identity.run_id for entry in found}:
        raise DamagedError("the table of runs and its index disagree")
    return tuple(found)


def indexed(connection: sqlite3.Connection) -> bool:
    """Whether the ledger has its `INDEXES`."""
    names = "SELECT count(*) FROM sqlite_master WHERE name IN ('runs_by_submission', 'runs_by_end')"
    return bool(connection.execute(names).fetchone()[0] == len(INDEXES))


def entries_for(
    connection: sqlite3.Connection, project: str, jobs: Iterable[AskedJob]
) -> tuple[Entry, ...]:
    """The runs of a project that matter to these jobs, as `Workspace.observe` promises."""
    ids = dict.fromkeys(_live(connection, project))
    for job in jobs:
        ids |= dict.fromkeys(_of_digest(connection, project, job.digest))
        if job.compared or not completed(connection, project, job.name, job.digest):
            ids |= dict.fromkeys(_before(connection, project, job))
    found = (find(connection, run_id) for run_id in ids)
    return tuple(sorted(filter(None, found), key=lambda entry: entry.number))


def _live(connection: sqlite3.Connection, project: str) -> Iterator[str]:
    live = [phase for phase in Phase if phase.live]
    marks = ", ".join("?" * len(live))
    ask = f"SELECT id FROM runs WHERE phase IN ({marks}) AND +project = ?"
    return (str(row[0]) for row in connection.execute(ask, (*live, project)))


def _of_digest(connection: sqlite3.Connection, project: str, digest: str) -> Iterator[str]:
    ask = "SELECT id FROM runs WHERE digest = ? AND +project = ?"
    return (str(row[0]) for row in connection.execute(ask, (digest, project)))


def _before(connection: sqlite3.Connection, project: str, job: AskedJob) -> Iterator[str]:
    """The ids of the last run and of the last completed one of other digests of a job."""
    for phase, order in (("", _SUBMITTED), ("phase = 'completed' AND", _ENDED)):
        for variant in (f"{_VARIANT} IS NULL", f"{_VARIANT} = 1"):
            ask = (
                f"SELECT id FROM runs WHERE project = ? AND job = ? AND {phase} {variant} "
                f"AND digest <> ? ORDER BY {order} DESC LIMIT 1"
            )
            row = connection.execute(ask, (project, job.name, job.digest)).fetchone()
            if row:
                yield str(row[0])
                break


def page(
    connection: sqlite3.Connection, project: str, job: str, before: int | None
) -> tuple[Entry, ...]:
    """The runs of a project, or of one of its jobs, with a lower number, the last ones first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM runs WHERE +project = ? AND (? = '' OR job = ?) "
        f"AND (? IS NULL OR number < ?) ORDER BY number DESC LIMIT {_PAGE}",
        (project, job, job, before, before),
    )
    return tuple(_entry(row) for row in rows)


def completed(connection: sqlite3.Connection, project: str, job: str, digest: str) -> bool:
    """Whether a run of this digest of this job is completed."""
    row = connection.execute(
        "SELECT 1 FROM runs WHERE digest = ? AND +project = ? AND +job = ? AND +phase = ?",
        (digest, project, job, Phase.COMPLETED),
    ).fetchone()
    return row is not None


def waiting(connection: sqlite3.Connection, before: int) -> tuple[str, ...]:
    rows = connection.execute(
        "SELECT id FROM runs WHERE phase = ? AND number < ? ORDER BY number", (Phase.QUEUED, before)
    )
    return tuple(str(row[0]) for row in rows)


def foreign(connection: sqlite3.Connection, project: str, run_ids: Iterable[str]) -> frozenset[str]:
    ask = "SELECT 1 FROM runs WHERE id = ? AND project <> ?"
    return frozenset(
        run_id for run_id in run_ids if connection.execute(ask, (run_id, project)).fetchone()
    )


def insert(
    connection: sqlite3.Connection, identity: Identity, submission: bytes, record: Record
) -> None:
    """Add a run, or begin one of the same id anew, with the next number."""
    connection.execute(
        "INSERT OR REPLACE INTO runs "
        "SELECT ?, coalesce(max(number), 0) + 1, ?, ?, ?, ?, ?, ? FROM runs",
        (
            identity.run_id,
            identity.project,
            identity.job,
            identity.digest,
            record.phase,
            submission,
            msgspec.json.encode(record),
        ),
    )


def update(connection: sqlite3.Connection, run_id: str, record: Record) -> None:
    connection.execute(
        "UPDATE runs SET phase = ?, record = ? WHERE id = ?",
        (record.phase, msgspec.json.encode(record), run_id),
    )


def renew(connection: sqlite3.Connection, run_id: str, submission: bytes) -> None:
    connection.execute("UPDATE runs SET submission = ? WHERE id = ?", (submission, run_id))


def adopt(connection: sqlite3.Connection, adoption: Adoption) -> None:
    identity = adoption.identity
    connection.execute(
        "INSERT OR REPLACE INTO adoptions VALUES (?, ?, ?, ?, ?, ?)",
        (
            identity.project,
            identity.job,
            identity.digest,
            identity.attempt,
            adoption.run_id,
            stored(adoption),
        ),
    )


def adopted(connection: sqlite3.Connection, project: str) -> tuple[Adopted, ...]:
    rows = connection.execute(
        f"SELECT adoption, {_COLUMNS} FROM adoptions JOIN runs ON runs.id = run_id "
        "WHERE adoptions.project = ?",
        (project,),
    )
    return tuple(Adopted(unflat(row[0], Adoption), _entry(row[1:])) for row in rows)


def adoptions_of(connection: sqlite3.Connection, run_id: str) -> tuple[Adoption, ...]:
    rows = connection.execute("SELECT adoption FROM adoptions WHERE run_id = ?", (run_id,))
    return tuple(unflat(row[0], Adoption) for row in rows)


_decode_record = msgspec.json.Decoder(Record).decode


def _entry(row: tuple[int, bytes, bytes]) -> Entry:
    return Entry(row[0], unflat(row[1], Submitted), _decode_record(row[2]))


def _opened(path: Path, options: str) -> sqlite3.Connection:
    connection = _connect(path, options)
    try:
        connection.execute("PRAGMA query_only=ON")
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _connect(path: Path, options: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(path))}?{options}", uri=True, timeout=_BUSY_SECONDS, isolation_level=None
    )
