"""A ledger that is lost, damaged, or cannot be written."""

from __future__ import annotations

import os
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from gitrain.errors import UnavailableError, WorkspaceError
from gitrain.observed import Cause, Phase, Run, Tags
from gitrain.workspace import Query
from gitrain.workspace_types import LocalWorkspace
from gitrain.workspaces.local.ledger import faults
from gitrain.workspaces.local.workspace import LocalRuns
from tests.runs import an_adoption
from tests.unit.workspaces.local.place import Place, a_submission, copy_code, kill_below, until


@pytest.fixture
def history(place: Place) -> list[Run]:
    """Runs of every kind, as they are reported while the ledger is sound."""
    done = place.submit("true", job="done")
    failed = place.submit("exit 3", job="failed")
    lost = place.submit("exit 137", job="lost")
    live = place.submit("sleep 60", job="live")
    place.wait(done)
    place.wait(failed)
    place.wait(live, Phase.RUNNING)
    place.workspace.cancel(place.wait_preempted(lost).id, Cause.SUPERSEDED)
    place.workspace.tag(done.id, Tags(labels={"team": "vision"}))
    place.workspace.adopt(an_adoption(done.id, outputs={"model": "/m"}))
    return by_id(place)


def by_id(place: Place) -> list[Run]:
    return sorted(place.observe().runs, key=lambda run: (run.id, run.job))


def delete(ledger: Path) -> None:
    for part in ledger.parent.glob("ledger.db*"):
        part.unlink()


def overwrite(ledger: Path) -> None:
    delete(ledger)
    ledger.write_bytes(b"this is no database" * 1000)


def empty(ledger: Path) -> None:
    delete(ledger)
    ledger.touch()


def damage_pages(ledger: Path) -> None:
    with sqlite3.connect(ledger) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with ledger.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (ledger.stat().st_size - 4096))


@pytest.mark.parametrize("harm", [delete, overwrite, empty, damage_pages])
def test_nothing_is_lost_with_the_ledger(
    place: Place, history: list[Run], harm: Callable[[Path], None]
) -> None:
    harm(place.workspace.home.ledger)
    files = sorted(place.workspace.home.path.iterdir())

    observed = place.observe()
    assert by_id(place) == history
    assert "read from their folders" in observed.notes[0]
    # Looking repairs nothing; the next write does.
    assert sorted(place.workspace.home.path.iterdir()) == files
    place.wait(place.submit("true", job="next"))
    after = place.observe()
    assert [run for run in by_id(place) if run.job != "next"] == history
    assert after.notes == ()


def test_a_run_whose_ledger_was_lost_meanwhile_records_its_end(place: Place) -> None:
    run = place.submit(f"while [ ! -e {place.root}/go ]; do sleep 0.05; done")
    place.wait(run, Phase.RUNNING)
    overwrite(place.workspace.home.ledger)
    place.root.joinpath("go").touch()

    assert place.wait(run).phase is Phase.COMPLETED


def test_a_live_run_whose_folder_was_deleted_begins_anew(place: Place) -> None:
    run = place.submit("exit 137")
    place.wait_preempted(run)
    shutil.rmtree(place.folder(run).path)

    assert place.run(run.id).preempted
    place.submit("exit 137")
    assert "SIGKILL" in place.wait_preempted(run).reason


def test_the_clock_may_be_set_back(place: Place) -> None:
    first = place.wait(place.submit())
    record = place.folder(first).record
    late = record.read_bytes().replace(first.submitted_at.encode(), b"2999-01-01T00:00:00Z")
    record.write_bytes(late)
    second = place.wait(place.submit(attempt=2))

    entries = place.workspace.ledger.snapshot(Query(project="pets")).entries
    assert [entry.submitted.identity.run_id for entry in entries] == [first.id, second.id]


def test_a_ledger_of_a_newer_gitrain_is_left_alone(place: Place) -> None:
    place.wait(place.submit())
    with sqlite3.connect(place.workspace.home.ledger) as connection:
        connection.execute("PRAGMA user_version=99")
    connection.close()

    with pytest.raises(WorkspaceError, match="newer gitrain"):
        place.observe()
    with pytest.raises(WorkspaceError, match="newer gitrain"):
        place.submit(job="next")


def test_a_folder_that_is_a_file_is_named(place: Place) -> None:
    place.root.joinpath(".gitrain").write_text("")

    with pytest.raises(WorkspaceError, match=r"cannot use .*\.gitrain"):
        place.submit()


def in_child(act: Callable[[], None]) -> str:
    """The message of the WorkspaceError that `act` raises in a process of its own."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            act()
        except WorkspaceError as error:
            os.write(write, str(error).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return text


def test_a_full_disk_names_the_way_out_and_loses_nothing(place: Place) -> None:
    run = place.wait(place.submit())

    def submit_without_space() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))
        place.workspace.submit(a_submission(attempt=2))

    assert faults.FREE_SPACE in in_child(submit_without_space)
    assert place.run(run.id) == run
    assert place.wait(place.submit(attempt=2)).phase is Phase.COMPLETED


@pytest.fixture
def open_root() -> Iterator[Path]:
    """A folder that others may enter, unlike pytest's."""
    root = Path(tempfile.mkdtemp())
    root.chmod(0o755)
    yield root
    kill_below(root)
    shutil.rmtree(root)


def test_in_a_read_only_folder_runs_can_be_seen_and_not_submitted(open_root: Path) -> None:
    place = Place(open_root)
    run = place.wait(place.submit())
    until(lambda: not place.folder(run).alive)
    folders = [folder for folder in open_root.rglob("*") if folder.is_dir()]

    def look() -> None:
        if os.getuid() == 0:
            os.setuid(65534)  # As root one may write anywhere.
        (seen,) = (
            LocalRuns(LocalWorkspace(), open_root, copy_code).observe(Query(project="pets")).runs
        )
        if seen != run:
            raise WorkspaceError(f"{seen} is not {run}")
        place.submit(attempt=2)

    for folder in folders:
        folder.chmod(0o555)
    try:
        message = in_child(look)
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert faults.WRITABLE in message


def test_a_ledger_in_use_is_unavailable_and_not_absent() -> None:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY

    assert isinstance(faults.refusal(error, Path("x")), UnavailableError)
    assert not faults.damaged(error)
    assert faults.damaged(msgspec.DecodeError("x"))
