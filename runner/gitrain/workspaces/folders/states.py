"""What becomes of a run: its record, how it changes, and what it means once nobody holds the run.

Pure: every change is a function from a record to the next, applied inside one transaction.
"""

from __future__ import annotations

import signal
from collections.abc import Callable

import msgspec

from gitrain.identity import Identity, flat
from gitrain.observed import Cause, Phase, Tags
from gitrain.workspace import Adoption, Submission

# A preempted run goes on this many times; then it is failed by its own fault.
RESTARTS = 3
# So many supervisors are started that do not come to life; then it is failed by what they said.
TRIES = 3

_PREEMPTING = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a Submission that a run is reported with."""

    identity: Identity
    commit: str = ""
    dirty: bool = False
    forced: bool = False


def stored(given: Submission | Adoption) -> bytes:
    """What a file and the ledger keep of it; `identity.unflat` reads it."""
    return msgspec.json.encode({"run_id": given.run_id, **flat(given)})


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The part of a run that changes.

    `starts` counts how often it left the queue, or broke in it; `unconfirmed` the supervisors that
    were to be started since one said that it lives. `group` is its processes' group, and
    `since` when that began, in ticks since the machine did: numbers are given again.
    """

    phase: Phase = Phase.QUEUED
    cause: Cause | None = None
    tags: Tags = Tags()
    starts: int = 0
    unconfirmed: int = 0
    group: int = 0
    since: int = 0
    exit_code: int | None = None
    submitted_at: str = ""
    started_at: str = ""
    ended_at: str = ""
    reason: str = ""


class OwnFaultError(Exception):
    """The run failed by its own fault; the message is its reason."""


def tagged(record: Record, tags: Tags) -> Record:
    return msgspec.structs.replace(record, tags=tags)


def submitted(tags: Tags, now: str, earlier: Record | None = None) -> Record:
    """A run before its supervisor is started; `earlier` is the record of a folder that is gone."""
    earlier = earlier or Record()
    tries = earlier.unconfirmed + 1
    return Record(tags=tags, submitted_at=now, starts=earlier.starts, unconfirmed=tries)


def confirmed(record: Record) -> Record:
    """Its supervisor lives."""
    return msgspec.structs.replace(record, unconfirmed=0)


def broken(record: Record, reason: str) -> Record:
    """Its supervisor failed. While the command is not started nobody else counts that."""
    if not record.phase.live:
        return record
    counted = record.starts + (record.phase is Phase.QUEUED)
    return msgspec.structs.replace(record, starts=counted, reason=reason)


def resumed(record: Record, now: str, said: Callable[[], str] = lambda: "") -> Record:
    """What a run that nobody holds becomes when submitted again: queued, if it is preempted.

    Whoever asks starts a supervisor next, which is counted here, before it is tried.
    """
    settled = settle(record, alive=False, now=now, said=said)
    if not settled.preempted:
        return settled.record
    tries = record.unconfirmed + 1
    return msgspec.structs.replace(
        record, phase=Phase.QUEUED, group=0, since=0, reason="", unconfirmed=tries
    )


def abandoned(record: Record, cause: Cause, now: str) -> Record:
    """What a run that nobody holds becomes when it is canceled: canceled, if it is preempted."""
    settled = settle(record, alive=False, now=now)
    if not settled.preempted:
        return settled.record
    return canceled(msgspec.structs.replace(settled.record, cause=cause), now)


def preparing(record: Record) -> Record:
    """Started: from now on, losing it counts as a preemption."""
    if not record.phase.live:
        return record
    return msgspec.structs.replace(record, phase=Phase.PREPARING, starts=record.starts + 1)


def running(record: Record, group: int, since: int, now: str) -> Record:
    started = record.started_at or now
    return msgspec.structs.replace(
        record, phase=Phase.RUNNING, group=group, since=since, started_at=started
    )


def finishing(record: Record, exit_code: int | None) -> Record:
    """Being ended; with an exit code the run is decided, and only what it left behind is not."""
    if exit_code is not None and preempts(exit_code):
        exit_code = None
    return msgspec.structs.replace(record, phase=Phase.FINISHING, exit_code=exit_code)


def cancel_asked(record: Record, cause: Cause, now: str) -> Record:
    """Who asked first stays recorded. Nothing runs yet of a queued one: it is canceled at once."""
    if not record.phase.live:
        return record
    asked = msgspec.structs.replace(record, cause=record.cause or cause)
    return canceled(asked, now) if record.phase is Phase.QUEUED else asked


def canceled(record: Record, now: str) -> Record:
    who = f": {record.cause.value}" if record.cause else ""
    return _ended(record, Phase.CANCELED, f"canceled{who}", now)


def failed(record: Record, reason: str, now: str, exit_code: int | None = None) -> Record:
    record = msgspec.structs.replace(record, exit_code=exit_code)
    return _ended(record, Phase.FAILED, reason, now)


def exited(record: Record, code: int, now: str) -> Record:
    """What the end of the command means: completed, failed, or preempted and so no end at all.

    `code` is as the shell says it: 128+n for signal n.
    """
    if code == 0:
        record = msgspec.structs.replace(record, exit_code=0)
        return _ended(record, Phase.COMPLETED, "", now)
    how = _how(code)
    if not preempts(code):
        return failed(record, how, now, code)
    if record.cause:
        return canceled(record, now)
    if record.starts > RESTARTS:
        return failed(record, _too_often(how), now, code)
    return msgspec.structs.replace(record, reason=f"preempted: {how}")


def unbuilt(record: Record, environment: str, code: int, line: str, now: str) -> Record:
    """What the end of a build that did not succeed means; `line` is the last it said."""
    if preempts(code):
        return exited(record, code, now)
    return failed(record, f"environment {environment} could not be built: {line}", now)


def preempts(code: int) -> bool:
    """Whether this end is not the command's own, if we did not ask for it."""
    return code - 128 in _PREEMPTING


class Settled(msgspec.Struct, frozen=True):
    """A record as it is to be read at this moment."""

    record: Record
    preempted: bool = False


def settle(
    record: Record,
    *,
    alive: bool,
    now: str = "",
    lost: str = "",
    said: Callable[[], str] = lambda: "",
) -> Settled:
    """What a record means: a run that nobody holds and that has no recorded end was cut off.

    It is canceled if that was asked for, ended if that was decided, failed if it was cut off too
    often, and else preempted: then it goes on when it is submitted again. `lost` is how, where that
    is known; `said` is asked for the last words of a supervisor that did not come to life.
    """
    if alive or not record.phase.live:
        return Settled(record)
    if record.phase is Phase.FINISHING and record.exit_code is not None:
        return Settled(exited(record, record.exit_code, now))
    if record.cause:
        return Settled(canceled(record, now))
    if record.unconfirmed >= TRIES:
        reason = f"its supervisor could not start, {TRIES} times: {said() or 'it said nothing'}"
        return Settled(_ended(record, Phase.FAILED, reason, now))
    reason = record.reason or f"preempted: {lost or _GONE}"
    if record.starts > RESTARTS:
        return Settled(_ended(record, Phase.FAILED, _too_often(reason), now))
    return Settled(msgspec.structs.replace(record, reason=reason), preempted=True)


_GONE = "its supervisor is gone"


def _too_often(how: str) -> str:
    """Only where nobody knows better it may have been the memory."""
    guess = " (out of memory?)" if "SIGKILL" in how or _GONE in how else ""
    return f"{how}; it was ended so {RESTARTS + 1} times{guess}"


def _ended(record: Record, phase: Phase, reason: str, now: str) -> Record:
    if not record.phase.live:
        return record
    return msgspec.structs.replace(record, phase=phase, reason=reason, ended_at=now)


def _how(code: int) -> str:
    """`exit code 3`, or `ended by SIGKILL (exit code 137)`."""
    try:
        return f"ended by {signal.Signals(code - 128).name} (exit code {code})"
    except ValueError:
        return f"exit code {code}"
