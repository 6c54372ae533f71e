"""Exactly once, also with several reconciles at a time; and no more runs at once than slots."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from types import FrameType

from gitrain.observed import Cause, Phase
from gitrain.workspace import Query, Submission
from tests.root import ROOT
from tests.unit.workspaces.local.place import Place, a_submission, until

SUBMIT = """
import sys, time
from pathlib import Path
from tests.unit.workspaces.local.place import Place
from tests.root import ROOT
place = Place(Path(sys.argv[1]))
while not (place.root / "start").exists():
    pass
print(place.submit(place.mark("ran") + "; sleep 0.3" + sys.argv[2]).id)
"""


def submit_in_processes(place: Place, count: int, more: str = "") -> list[str]:
    """Submit the same run from several processes at the same moment."""
    checkout = ROOT
    environment = {**os.environ, "PYTHONPATH": f"{checkout}:{checkout / 'runner'}"}
    arguments = [sys.executable, "-c", SUBMIT, str(place.root), more]
    processes = [
        subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(count)
    ]
    time.sleep(1)
    (place.root / "start").touch()
    ids = [process.communicate(timeout=60)[0].strip() for process in processes]
    (place.root / "start").unlink()
    return ids


def test_processes_that_submit_the_same_run_start_it_once(place: Place) -> None:
    ids = submit_in_processes(place, 6)
    run = place.wait(place.run(ids[0]))

    assert len(set(ids)) == 1
    assert run.phase is Phase.COMPLETED
    assert place.marked() == ["ran"]
    assert list(place.workspace.home.staging.iterdir()) == []


def test_processes_that_submit_the_same_preempted_run_start_it_once(place: Place) -> None:
    command = "; if [ ! -e again ]; then touch again; exit 137; fi"
    run = place.submit(place.mark("ran") + "; sleep 0.3" + command)
    place.wait_preempted(run)
    submit_in_processes(place, 4, command)

    assert place.wait(run).phase is Phase.COMPLETED
    assert place.marked() == ["ran", "ran"]


def test_a_reconcile_killed_at_any_of_its_steps_has_started_the_run_once_or_not_at_all(
    place: Place,
) -> None:
    place.workspace = place.open(slots=16)
    for step in itertools.count(1):
        given = a_submission(place.mark(f"ran-{step}"), digest=f"{step:012x}")
        if not killed_at(step, place, given):
            break
        left = place.workspace.observe(Query(project="pets", run_ids=(given.run_id,)))
        assert not [run for run in left.runs if run.phase is Phase.FAILED]
        place.workspace.submit(given)
    for run in place.observe().runs:
        assert place.wait(run).phase is Phase.COMPLETED

    assert step > 60
    assert sorted(place.marked()) == sorted(f"ran-{n}" for n in range(1, step + 1))


def killed_at(step: int, place: Place, given: Submission) -> bool:
    """Submit in a process that dies at its n-th step; False when it was through before."""

    def die(frame: FrameType, event: str, _: object) -> None:
        nonlocal step
        if event in ("call", "return") and "workspaces/local" in frame.f_code.co_filename:
            step -= 1
            if step == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        sys.setprofile(die)
        place.workspace.submit(given)
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_no_more_runs_at_once_than_slots_and_in_the_order_of_submission(place: Place) -> None:
    place.workspace = place.open(slots=2)
    runs = [
        place.submit(f"{place.mark(f'+{n}')}; sleep 0.6; {place.mark(f'-{n}')}", job=f"job-{n}")
        for n in range(5)
    ]
    for run in runs:
        assert place.wait(run).phase is Phase.COMPLETED

    at_once = most = 0
    for mark in place.marked():
        at_once += 1 if mark.startswith("+") else -1
        most = max(most, at_once)
    assert most == 2
    begun = [mark for mark in place.marked() if mark.startswith("+")]
    # Two that begin at once may mark in either order.
    assert [sorted(begun[:2]), sorted(begun[2:4]), begun[4:]] == [
        ["+0", "+1"],
        ["+2", "+3"],
        ["+4"],
    ]


def test_a_slot_is_free_when_its_holders_were_killed(place: Place) -> None:
    place.workspace = place.open(slots=1)
    first = place.submit("sleep 60", job="first")
    place.wait(first, Phase.RUNNING)
    second = place.submit("true", job="second")
    place.kill_everything(first)

    assert place.wait(second).phase is Phase.COMPLETED


def test_an_orphan_keeps_its_slot_while_it_runs(place: Place) -> None:
    place.workspace = place.open(slots=1)
    first = place.submit("sleep 60", job="first")
    place.wait(first, Phase.RUNNING)
    place.kill_supervisor(first)
    second = place.submit("true", job="second")
    time.sleep(0.6)

    assert place.run(second.id).phase is Phase.QUEUED
    place.workspace.cancel(first.id, Cause.PERSON)
    assert place.wait(second).phase is Phase.COMPLETED


def test_a_preempted_run_that_goes_on_keeps_its_place_in_the_queue(place: Place) -> None:
    place.workspace = place.open(slots=1)
    running = place.submit("sleep 60", job="running")
    place.wait(running, Phase.RUNNING)
    first = place.submit(place.mark("first"), job="first")
    second = place.submit(place.mark("second"), job="second")
    place.kill_supervisor(first)
    place.submit(place.mark("first"), job="first")
    place.workspace.cancel(running.id, Cause.PERSON)
    place.wait(second)

    assert place.marked() == ["first", "second"]


def test_observers_do_not_keep_a_run_from_starting(place: Place) -> None:
    """Looking takes the lock for an instant; a submit must not take that for a live run."""
    observe = (
        "import sys; from pathlib import Path\n"
        "from gitrain.workspaces.folders.locks import held\n"
        "while True: held(Path(sys.argv[1]))"
    )
    run = place.submit("exit 137")
    place.wait_preempted(run)
    lock = str(place.folder(run).lock)
    checkout = ROOT
    environment = {**os.environ, "PYTHONPATH": str(checkout / "runner")}
    observers = [
        subprocess.Popen([sys.executable, "-c", observe, lock], env=environment) for _ in range(2)
    ]
    try:
        time.sleep(0.5)
        for _ in range(2):
            assert place.submit("exit 137").live
            until(lambda: place.run(run.id).preempted)
    finally:
        for process in observers:
            process.kill()
            process.wait()
