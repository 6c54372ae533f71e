"""The SQLite ledger: which runs exist. A run's id is its primary key, so it starts exactly once.

Every change is one transaction, and is also written into the run's folder before it is committed:
a ledger that was lost or damaged is rebuilt from the folders, and nothing is lost with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TypeVar

import msgspec

from gitrain.atomic import write_atomically
from gitrain.errors import WorkspaceError
from gitrain.observed import Tags
from gitrain.workspace import Adoption, Query, Submission
from gitrain.workspaces.folders.layout import Home
from gitrain.workspaces.folders.locks import locked
from gitrain.workspaces.folders.states import Record, stored, tagged
from gitrain.workspaces.local.ledger import recovery, tables
from gitrain.workspaces.local.ledger.faults import damaged, refusal
from gitrain.workspaces.local.ledger.tables import Adopted, Entry

T = TypeVar("T")


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger says at one moment; `rebuilt` when only the run folders could be asked."""

    entries: tuple[Entry, ...]
    adopted: tuple[Adopted, ...]
    foreign: frozenset[str]
    rebuilt: bool = False


class Ledger:
    """Reads create nothing; the first write makes the folder."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def snapshot(self, query: Query) -> Snapshot:
        """The runs of a project that matter to the query, what it adopted, and the ids asked for
        that are another's. A ledger without indexes is read whole."""

        def ask(connection: sqlite3.Connection) -> Snapshot:
            return Snapshot(
                entries=(
                    tables.entries(connection, query.project)
                    if query.jobs is None or not tables.indexed(connection)
                    else tables.entries_for(connection, query.project, query.jobs)
                ),
                adopted=tables.adopted(connection, query.project),
                foreign=tables.foreign(connection, query.project, query.run_ids),
                rebuilt=recovery.is_rebuilt(connection),
            )

        return self._read(ask)

    def history(self, project: str, job: str) -> Iterator[Entry]:
        """The runs of a project, or of one of its jobs, the last ones first, in pages."""
        before: int | None = None
        while page := self._page(project, job, before):
            yield from page
            before = page[-1].number

    def _page(self, project: str, job: str, before: int | None) -> tuple[Entry, ...]:
        return self._read(lambda connection: tables.page(connection, project, job, before))

    def adopted(self, project: str) -> tuple[Adopted, ...]:
        return self._read(lambda connection: tables.adopted(connection, project))

    def find(self, run_id: str) -> Entry | None:
        return self._read(lambda connection: tables.find(connection, run_id))

    def get(self, run_id: str) -> Entry:
        entry = self.find(run_id)
        if entry is None:
            raise WorkspaceError(f"there is no run {run_id} in {self.home.path}")
        return entry

    def waiting(self, before: int) -> tuple[str, ...]:
        """The ids of the runs that were submitted earlier and are still queued, in that order."""
        return self._read(lambda connection: tables.waiting(connection, before))

    def completed(self, project: str, job: str, digest: str) -> bool:
        """Whether a run of this digest of this job is completed."""
        return self._read(lambda connection: tables.completed(connection, project, job, digest))

    def add(self, run_id: str, place: Callable[[], None]) -> Entry:
        """Record a new run. `place` puts its folder where it belongs, within the transaction.

        When the folder is there already, `place` is not called; without a row, it was placed by
        someone who died before the commit, and is recorded as it is. A row whose folder someone
        deleted begins anew.
        """

        def act(connection: sqlite3.Connection) -> Entry:
            folder = self.home.run(run_id)
            if not folder.path.exists():
                place()
            elif (entry := tables.find(connection, run_id)) is not None:
                return entry
            recovery.index(connection, folder)
            return tables.get(connection, run_id)

        return self._write(act)

    def renew(self, submission: Submission) -> None:
        """Replace what a run was submitted with. Only for who holds its lock, and so its files."""

        def act(connection: sqlite3.Connection) -> None:
            content = stored(submission)
            write_atomically(self.home.run(submission.run_id).submission, content)
            tables.renew(connection, submission.run_id, content)

        self._write(act)

    def change(self, run_id: str, change: Callable[[Record], Record]) -> Entry:
        """Apply a change to what the record is now, and return the entry after it."""

        def act(connection: sqlite3.Connection) -> Entry:
            entry = tables.get(connection, run_id)
            folder = self.home.run(run_id)
            # The folder's is never older: whoever died between the two writes wrote it first.
            record = change(recovery.latest(entry.record, folder))
            if record == entry.record:
                return entry
            if folder.path.exists():
                write_atomically(folder.record, msgspec.json.encode(record))
            tables.update(connection, run_id, record)
            return msgspec.structs.replace(entry, record=record)

        return self._write(act)

    def tag(self, run_id: str, tags: Tags) -> None:
        """Replace the tags of what bears this id: the run, and its adoptions if there are any.

        An adopted run of another project keeps its own: it is not ours to change.
        """
        adoptions = self._read(lambda connection: tables.adoptions_of(connection, run_id))
        for adoption in adoptions:
            self.adopt(msgspec.structs.replace(adoption, tags=tags))
        ours = {adoption.identity.project for adoption in adoptions}
        if not ours or self.get(run_id).submitted.identity.project in ours:
            self.change(run_id, lambda record: tagged(record, tags))

    def adopt(self, adoption: Adoption) -> None:
        def act(connection: sqlite3.Connection) -> None:
            path = recovery.adoption_path(self.home, adoption)
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, stored(adoption))
            tables.adopt(connection, adoption)

        self._write(act)

    def _read(self, ask: Callable[[sqlite3.Connection], T]) -> T:
        path = self.home.ledger
        try:
            if path.exists():
                with closing(tables.open_for_reading(path)) as connection:
                    if tables.version(connection, path):
                        return ask(connection)
        except (sqlite3.Error, msgspec.MsgspecError, OSError) as error:
            if not damaged(error):
                raise refusal(error, self.home.path) from error
        # Reading must not mend: the answer comes from the folders, and the next write mends.
        with closing(recovery.rebuilt(self.home)) as connection:
            return ask(connection)

    def _write(self, act: Callable[[sqlite3.Connection], T]) -> T:
        try:
            self.home.make()
            try:
                return self._transact(act)
            except (sqlite3.Error, msgspec.MsgspecError) as error:
                if not damaged(error):
                    raise
                recovery.set_aside(self.home)
                return self._transact(act)
        except (sqlite3.Error, msgspec.MsgspecError, OSError) as error:
            raise refusal(error, self.home.path) from error

    def _transact(self, act: Callable[[sqlite3.Connection], T]) -> T:
        """Run `act` holding the write lock, so that what it reads cannot change under it."""
        with closing(tables.open_for_writing(self.home.ledger)) as connection:
            if not tables.version(connection, self.home.ledger):
                with locked(self.home.path / "ledger.lock"):
                    if not tables.version(connection, self.home.ledger):
                        recovery.create(connection, self.home)
            connection.execute("BEGIN IMMEDIATE")
            try:
                for index in tables.INDEXES:
                    connection.execute(index)
                answer = act(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return answer
