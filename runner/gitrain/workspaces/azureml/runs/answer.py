"""Turns Azure ML's answer about a run into a Run. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from gitrain.identity import RunId
from gitrain.observed import Cause, Phase, Run, Tags
from gitrain.workspaces.azureml.runs import phases
from gitrain.workspaces.azureml.runs.record import (
    CAUSE,
    VARIABLE,
    Record,
    adoptions,
    own_record,
    own_tags,
    unpacked,
)

# Shown where the tags of a run are missing: it differs from every manifest, so that a plan says so
# and the next reconcile writes them.
UNTAGGED = "(its tags are missing)"


def may_be_ours(body: Mapping[str, Any], project: str) -> bool:
    """Whether a run without our record has an id in our format: the client may have died between
    the start and the record, and then the run's own variables know more."""
    run_id = str(body.get("runId") or "")
    return (
        RunId.parse(project, run_id) is not None
        and own_record(body.get("properties") or {}) is None
    )


def record_in_definition(details: Mapping[str, Any]) -> Record | None:
    """The record in the start request itself, in the run's variables."""
    definition = details.get("runDefinition") or {}
    definition = definition.get("configuration") or definition.get("Configuration") or definition
    variables = definition.get("environmentVariables") or {}
    return unpacked(str(variables.get(VARIABLE) or ""))


def is_own(record: Record, body: Mapping[str, Any]) -> bool:
    """Whether a record was written on this run, and not copied from another run."""
    return record.identity.run_id == str(body["runId"])


def runs_of(body: Mapping[str, Any], project: str, link: str) -> Iterator[Run]:
    """The project's runs that one run of Azure ML stands for: its own, and each adoption."""
    properties, tags = body.get("properties") or {}, body.get("tags") or {}
    record = own_record(properties)
    if record and record.identity.project == project and is_own(record, body):
        yield run_from(body, record, own_tags(tags), link)
    for adopted in adoptions(properties, tags):
        if adopted.record.identity.project == project:
            run = run_from(body, adopted.record, adopted.tags, link)
            yield msgspec.structs.replace(
                run, adopted_id=str(body["runId"]), outputs=adopted.record.outputs
            )


def run_from(body: Mapping[str, Any], record: Record, tags: Tags | None, link: str) -> Run:
    """What Azure ML says about a run, with what gitrain wrote on it. Raises WorkspaceError for an
    unknown status."""
    run_id = str(body["runId"])
    started = phases.moment(body.get("startTimeUtc"))
    ended = phases.moment(body.get("endTimeUtc"))
    phase = phases.phase(str(body.get("status")), run_id)
    cause = _cause(body)
    overdue = _overdue(record, phase, cause, phases.seconds_between(started, ended))
    if overdue:
        phase = Phase.FAILED
    elif phase is Phase.CANCELED and cause is None:
        # It was not gitrain, which records its own cancels before it sends them.
        cause = Cause.PERSON
    return Run(
        identity=record.identity,
        phase=phase,
        cause=cause,
        forced=record.forced,
        tags=tags or Tags(variant=record.variant, display_name=UNTAGGED),
        commit=record.commit,
        dirty=record.dirty,
        exit_code=_exit_code(body, phase),
        submitted_at=phases.moment(body.get("createdUtc")),
        started_at=started,
        ended_at="" if phase.live else ended,
        link=link,
        reason=overdue or _reason(body, phase, cause),
    )


def _cause(body: Mapping[str, Any]) -> Cause | None:
    recorded = (body.get("tags") or {}).get(CAUSE)
    return Cause(recorded) if recorded in tuple(Cause) else None


def _overdue(record: Record, phase: Phase, cause: Cause | None, took: float) -> str:
    """Azure ML cancels a run that exceeds its timeout: a failure of the run, with this reason."""
    limit = record.identity.placement.get("limits.timeout")
    if phase is not Phase.CANCELED or cause is not None or not limit or took < float(limit):
        return ""
    return f"stopped after its timeout of {limit} s"


def _exit_code(body: Mapping[str, Any], phase: Phase) -> int | None:
    if phase is Phase.COMPLETED:
        return 0
    return phases.exit_code(body.get("error")) if phase is Phase.FAILED else None


def _reason(body: Mapping[str, Any], phase: Phase, cause: Cause | None) -> str:
    if phase is Phase.FAILED:
        return phases.failure(body.get("error")) or "Azure ML gave no reason (see `gitrain logs`)"
    if phase is Phase.CANCELED:
        return f"canceled: {cause.value}" if cause else "canceled"
    if body.get("status") == "NotResponding":
        return "its node is not responding"
    if body.get("status") == "CancelRequested":
        return "being canceled"
    return ""


def waiting(run: Run, troubles: tuple[str, ...]) -> Run:
    """A queued run, with what hinders its cluster as the reason."""
    if run.phase is not Phase.QUEUED or run.reason:
        return run
    reason = ": ".join(filter(None, (f"waits for {run.compute}", "; ".join(troubles))))
    return msgspec.structs.replace(run, reason=reason)
