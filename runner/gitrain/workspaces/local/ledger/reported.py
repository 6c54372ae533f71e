"""From the ledger's entries to the runs that the workspace reports."""

from __future__ import annotations

import msgspec

from gitrain.observed import Run
from gitrain.workspaces.folders.layout import Home
from gitrain.workspaces.folders.outputs import last_words
from gitrain.workspaces.folders.states import settle
from gitrain.workspaces.local.ledger.recovery import latest
from gitrain.workspaces.local.ledger.tables import Adopted, Entry


def report(entry: Entry, home: Home) -> Run:
    """What a run is at this moment; looks whether a live one is alive, and changes nothing."""
    submitted, record = entry.submitted, entry.record
    folder = home.run(submitted.identity.run_id)
    alive = record.phase.live and folder.alive
    if record.phase.live and not alive:
        # Read after the lock was seen free: it may have ended since the ledger was asked.
        record = latest(record, folder)
    lost = "" if folder.path.exists() else "its folder was deleted"
    settled = settle(record, alive=alive, lost=lost, said=lambda: last_words(folder))
    record = settled.record
    return Run(
        identity=submitted.identity,
        phase=record.phase,
        cause=record.cause,
        preempted=settled.preempted,
        forced=submitted.forced,
        tags=record.tags,
        commit=submitted.commit,
        dirty=submitted.dirty,
        exit_code=record.exit_code,
        submitted_at=record.submitted_at,
        started_at=record.started_at,
        ended_at=record.ended_at,
        link=str(folder.log),
        reason=record.reason,
    )


def report_adopted(adopted: Adopted, home: Home) -> Run:
    """The run under its own id, as what adopted it."""
    adoption = adopted.adoption
    return msgspec.structs.replace(
        report(adopted.entry, home),
        identity=adoption.identity,
        adopted_id=adoption.run_id,
        tags=adoption.tags,
        outputs=adoption.outputs,
    )
