"""From the ledger's entries to the runs that the workspace reports."""

from __future__ import annotations

import msgspec

from gitrain.observed import Run
from gitrain.workspaces.folders.layout import Home
from gitrain.workspaces.folders.states import settle
from gitrain.workspaces.local.ledger.recovery import latest
from gitrain.workspaces.local.ledger.tables import Adopted, Entry


def report(entry: Entry, home: Home) -> Run:
    """What a run is at this moment; looks whether a live one is alive, and changes nothing."""
    identity, record = entry.identity, entry.record
    folder = home.run(identity.run_id)
    alive = record.phase.live and folder.alive
    if record.phase.live and not alive:
        # Read after the lock was seen free: it may have ended since the ledger was asked.
        record = latest(record, folder)
    settled = settle(record, alive=alive)
    record = settled.record
    return Run(
        id=identity.run_id,
        project=identity.project,
        job=identity.job,
        digest=identity.digest,
        attempt=identity.attempt,
        phase=record.phase,
        cause=record.cause,
        preempted=settled.preempted,
        forced=identity.forced,
        tags=record.tags,
        commit=identity.commit,
        dirty=identity.dirty,
        canonical=identity.canonical,
        placement=identity.placement,
        parts=identity.parts,
        exit_code=record.exit_code,
        submitted_at=record.submitted_at,
        started_at=record.started_at,
        ended_at=record.ended_at,
        link=str(folder.log),
        reason=record.reason,
    )


def report_adopted(adopted: Adopted, home: Home) -> Run:
    """The run under its own id, as the job, digest and attempt that adopted it."""
    adoption = adopted.adoption
    return msgspec.structs.replace(
        report(adopted.entry, home),
        project=adoption.project,
        job=adoption.job,
        digest=adoption.digest,
        attempt=adoption.attempt,
        adopted=True,
        tags=adoption.tags,
        canonical=adoption.canonical,
        placement=adoption.placement,
        parts=adoption.parts,
        outputs=adoption.outputs,
    )
