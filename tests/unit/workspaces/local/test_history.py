"""What an observation reads of a ledger with a long history."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import msgspec
import pytest

from gitrain.identity import Identity
from gitrain.observed import Phase
from gitrain.workspace import AskedJob, Query
from gitrain.workspaces.folders.states import Record, stored
from gitrain.workspaces.local.ledger import tables
from gitrain.workspaces.local.ledger.runs import Ledger
from tests.runs import a_submission
from tests.unit.workspaces.local.place import Place

JOBS, DIGESTS = 5, 200
ASKED = Query(
    project="pets", jobs=tuple(AskedJob(f"j{n}", f"{DIGESTS - 1:012x}") for n in range(JOBS))
)


@pytest.fixture
def ledger(place: Place) -> Ledger:
    """One whose jobs ran with many digests, one after the other."""
    ledger = place.workspace.ledger
    submission = a_submission(job="first")
    place.workspace.submit(submission)
    with closing(tables.open_for_writing(ledger.home.ledger)) as connection:
        for number in range(JOBS * DIGESTS):
            one = a_submission(job=f"j{number % JOBS}", digest=f"{number // JOBS:012x}")
            at = f"2026-01-01T00:{number // 60:02}:{number % 60:02}Z"
            record = Record(phase=Phase.COMPLETED, submitted_at=at, ended_at=at)
            tables.insert(connection, one.identity, stored(one), record)
    return ledger


def test_it_reads_what_matters_to_the_jobs(ledger: Ledger) -> None:
    seen = ledger.snapshot(ASKED).entries

    ours = [e.submitted.identity for e in seen if e.submitted.identity.job != "first"]
    assert {(one.job, one.digest) for one in ours} == {(j.name, j.digest) for j in ASKED.jobs or ()}


def test_what_came_before_is_found_by_an_index(ledger: Ledger) -> None:
    with closing(tables.open_for_reading(ledger.home.ledger)) as connection:
        asked: list[str] = []
        connection.set_trace_callback(asked.append)
        tables.entries_for(connection, "pets", [AskedJob("j0", "f" * 12)])
        connection.set_trace_callback(None)
        plans = [connection.execute(f"EXPLAIN QUERY PLAN {one}").fetchall() for one in asked]

    steps = [str(step[-1]) for plan in plans for step in plan]
    assert len(steps) >= 4
    assert not [step for step in steps if "USING INDEX" not in step and "PRIMARY KEY" not in step]
    assert not [step for step in steps if "runs_by_project" in step]
    used = [step for step in steps if "runs_by_phase" in step]
    assert used == steps[:1]  # what is live, and nothing else


def test_a_ledger_of_an_earlier_release_is_read_and_gets_its_indexes(ledger: Ledger) -> None:
    whole = identities(ledger, Query(project="pets"))
    with closing(sqlite3.connect(ledger.home.ledger)) as connection:
        connection.executescript("DROP INDEX runs_by_submission; DROP INDEX runs_by_end;")

    assert identities(ledger, ASKED) == whole

    ledger.change(
        a_submission(job="j0", digest=f"{0:012x}").run_id,
        lambda r: msgspec.structs.replace(r, reason="x"),
    )
    assert len(identities(ledger, ASKED)) < len(whole)


def identities(ledger: Ledger, query: Query) -> list[Identity]:
    return [entry.submitted.identity for entry in ledger.snapshot(query).entries]


def test_history_is_read_in_pages(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_PAGE", 7)

    listed = [entry.number for entry in ledger.history("pets", "j1")]

    assert len(listed) == DIGESTS
    assert listed == sorted(listed, reverse=True)
