"""A run that loses its machine continues: as the same run and attempt, at most three times."""

from __future__ import annotations

import signal

import pytest

from gitrain.observed import Cause, Phase, Run
from gitrain.workspaces.folders.states import Record, settle
from tests.unit.workspaces.local.place import Place, alive

# Marks its start, then waits until the test makes the file `go`; ends with its exit code.
WAITS = "echo $$ >> {marks}; while [ ! -e {go} ]; do sleep 0.05; done; exit $(cat {go})"


def waits(place: Place) -> str:
    return WAITS.format(marks=place.marks, go=place.root / "go")


def let_go(place: Place, code: int = 0) -> None:
    (place.root / "go.new").write_text(f"{code}\n")
    (place.root / "go.new").replace(place.root / "go")


def started(place: Place, times: int = 1) -> Run:
    """Submit the waiting command, and return when it runs for the given time."""
    run = place.submit(waits(place))
    place.wait_marked(times)
    return place.wait(run, Phase.RUNNING)


def test_a_trainer_outlives_its_supervisor_and_its_run_is_live(place: Place) -> None:
    run = started(place)
    place.kill_supervisor(run)

    assert place.run(run.id).live
    assert place.run(run.id).phase is Phase.RUNNING
    assert place.submit(waits(place)).live
    assert len(place.marked()) == 1


def test_when_the_orphan_ends_the_run_goes_on_as_the_same(place: Place) -> None:
    run = started(place)
    place.folder(run).code.joinpath("outputs", "so-far").write_text("kept")
    place.kill_supervisor(run)
    let_go(place)
    lost = place.wait_preempted(run)

    assert (lost.phase, lost.attempt, lost.live) == (Phase.RUNNING, 1, False)
    assert "supervisor is gone" in lost.reason
    again = place.submit(waits(place))
    assert (again.id, again.phase, again.preempted) == (run.id, Phase.QUEUED, False)
    assert place.wait(run).phase is Phase.COMPLETED
    assert len(place.marked()) == 2
    assert place.folder(run).code.joinpath("outputs", "so-far").read_text() == "kept"
    assert "gitrain: preempted, goes on (1 of 3)\n" in place.log(run)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_command_that_a_signal_of_others_ended_is_preempted(place: Place, number: int) -> None:
    run = started(place)
    place.kill_command(run, number)
    lost = place.wait_preempted(run)

    assert signal.Signals(number).name in lost.reason
    assert (lost.exit_code, lost.ended_at) == (None, "")
    let_go(place)
    place.submit(waits(place))
    done = place.wait(run)
    assert (done.phase, done.attempt, done.reason) == (Phase.COMPLETED, 1, "")


def test_an_exit_code_that_tells_of_such_a_signal_is_the_same(place: Place) -> None:
    run = place.submit("exit 143")

    assert "SIGTERM" in place.wait_preempted(run).reason


def test_the_fourth_time_it_failed_by_its_own_fault(place: Place) -> None:
    command = f"{place.mark('start')}; kill -KILL $$"
    run = place.submit(command)
    for _ in range(3):
        place.wait_preempted(run)
        place.submit(command)
    failed = place.wait(run)

    assert (failed.phase, failed.exit_code) == (Phase.FAILED, 137)
    assert "4 times" in failed.reason
    assert len(place.marked()) == 4
    assert place.submit(command) == failed


def test_the_fourth_loss_of_the_whole_machine_is_a_failure_too(place: Place) -> None:
    for times in range(1, 5):
        run = started(place, times)
        place.kill_everything(run)
        place.wait_lost(run)
    failed = place.run(run.id)

    assert failed.phase is Phase.FAILED
    assert "4 times" in failed.reason
    assert place.submit(waits(place)).phase is Phase.FAILED
    assert len(place.marked()) == 4


def test_losing_everything_at_once_is_a_preemption(place: Place) -> None:
    run = started(place)
    place.kill_everything(run)
    place.wait_preempted(run)
    let_go(place)
    place.submit(waits(place))

    assert place.wait(run).phase is Phase.COMPLETED


def test_losing_a_queued_run_is_no_start_that_counts(place: Place) -> None:
    place.workspace = place.open(slots=1)
    first = place.submit("sleep 60", job="first")
    place.wait(first, Phase.RUNNING)
    for _ in range(5):
        second = place.submit("true", job="second")
        place.wait_confirmed(second)
        place.kill_supervisor(second)
        lost = place.run(second.id)
        assert (lost.phase, lost.preempted) == (Phase.QUEUED, True)
    place.workspace.cancel(first.id, Cause.PERSON)
    place.submit("true", job="second")

    assert place.wait(second).phase is Phase.COMPLETED


def test_an_orphan_can_be_canceled(place: Place) -> None:
    run = started(place)
    pid = int(place.marked()[0])
    place.kill_supervisor(run)
    place.workspace.cancel(run.id, Cause.SUPERSEDED)
    ended = place.wait(run)

    assert (ended.phase, ended.cause) == (Phase.CANCELED, Cause.SUPERSEDED)
    assert not alive(pid)


def test_a_preempted_run_is_canceled_at_once(place: Place) -> None:
    run = place.submit("exit 137")
    place.wait_preempted(run)
    place.workspace.cancel(run.id, Cause.PERSON)

    assert place.run(run.id).phase is Phase.CANCELED
    assert place.submit("exit 137").phase is Phase.CANCELED


def test_a_cancel_that_lost_its_supervisor_is_a_cancel_all_the_same() -> None:
    record = Record(phase=Phase.RUNNING, cause=Cause.SUPERSEDED, starts=1)

    assert settle(record, alive=False).record.phase is Phase.CANCELED
    assert settle(record, alive=True).record == record


def test_a_run_that_was_decided_is_not_decided_again() -> None:
    record = Record(phase=Phase.FINISHING, exit_code=0, starts=1)

    assert settle(record, alive=False).record.phase is Phase.COMPLETED


def test_logs_are_followed_until_the_run_is_preempted(place: Place) -> None:
    run = place.submit("echo one; sleep 0.5; echo two; kill -KILL $$")

    assert "".join(place.workspace.logs(run, follow=True)) == "one\ntwo\n"
