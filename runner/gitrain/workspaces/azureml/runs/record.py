"""What gitrain writes on a run, within Azure ML's limits: tags to filter by, the rest properties.

A run has at most 50 tags and 50 properties, keys of 100 and values of 1,000 characters. Properties
never change once they are set, tags do: so identity and canonical form are a property in pieces,
and labels, description and display name are a tag. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from gitrain.observed import Tags
from gitrain.workspace import Adoption, Submission
from gitrain.workspaces.azureml.runs.pieces import (
    PIECE,
    counted,
    decoded,
    in_pieces,
    joined,
    pack,
    uncounted,
    unpack,
)

_PIECES = 24
_LABELS = 24
_KEY = 100

RECORD = "gitrain.record"
PROJECT, JOB, DIGEST, ATTEMPT = (
    "gitrain_project",
    "gitrain_job",
    "gitrain_digest",
    "gitrain_attempt",
)
CAUSE = "gitrain_cause"
TAGS = "gitrain_tags"
ADOPTED = "gitrain_adopted"
VARIABLE = "GITRAIN_RECORD"


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a run is, as gitrain wrote it when it started or adopted it; never changes."""

    project: str
    job: str
    digest: str
    attempt: int
    canonical: Mapping[str, Any] = {}
    placement: Mapping[str, Any] = {}
    parts: Mapping[str, str] = {}
    commit: str = ""
    dirty: bool = False
    forced: bool = False
    variant: bool = False
    outputs: Mapping[str, str] = {}


class Adopted(msgspec.Struct, frozen=True, kw_only=True):
    """One adoption of a run: its record, and what may change on it."""

    record: Record
    tags: Tags


def record_of(given: Submission | Adoption) -> Record:
    """The record of a run that is submitted or adopted."""
    values = {name: getattr(given, name, None) for name in Record.__struct_fields__}
    known = {name: value for name, value in values.items() if value is not None}
    return Record(**{**known, "variant": given.tags.variant})


def packed(record: Record) -> str:
    """A record as one text. One that no run could hold is packed without what it computes: plans
    then say less about why a job changed, and nothing else differs."""
    text = pack(msgspec.json.encode(record))
    if len(text) <= PIECE * _PIECES:
        return text
    return pack(msgspec.json.encode(msgspec.structs.replace(record, canonical={})))


def unpacked(text: str) -> Record | None:
    """The record in a text; None for a text that is none of ours."""
    return decoded(unpack(text), Record)


def experiment_tag(project: str) -> str:
    """The key of the tag that makes an experiment the project's; several projects may share one.

    Names may hold what a filter cannot, so the key has a digest of the name.
    """
    return f"gitrain_{hashlib.sha256(project.encode()).hexdigest()[:12]}"


def properties(record: Record) -> dict[str, str]:
    """The properties that make a run what it is."""
    return dict(in_pieces(RECORD, packed(record)))


def own_record(properties: Mapping[str, str]) -> Record | None:
    """The record of a run that gitrain started; None without a complete one."""
    text = joined(RECORD, properties)
    return unpacked(text) if text else None


def identity_tags(record: Record) -> dict[str, str]:
    """The tags that people filter by."""
    return {
        PROJECT: record.project,
        JOB: record.job,
        DIGEST: record.digest,
        ATTEMPT: str(record.attempt),
    }


def change_tags(tags: Tags) -> dict[str, str]:
    """What may change, exactly (`gitrain_tags`), and the labels once more as tags for people."""
    plain = {
        key: value
        for key, value in tags.labels.items()
        if len(key) <= _KEY and not key.startswith("gitrain")
    }
    return {**dict(list(plain.items())[:_LABELS]), **counted(TAGS, msgspec.json.encode(tags))}


def obsolete(existing: Mapping[str, str], tags: Tags) -> tuple[str, ...]:
    """The label tags of an earlier change that a new one does not have any more."""
    before = own_tags(existing)
    old = change_tags(before) if before else {}
    return tuple(sorted((old.keys() & existing.keys()) - change_tags(tags).keys()))


def own_tags(existing: Mapping[str, str]) -> Tags | None:
    """What `change_tags` wrote; None when it is missing or damaged."""
    return decoded(uncounted(TAGS, existing), Tags)


# Adoptions ----------------------------------------------------------------------------------------


class _Adoption(msgspec.Struct, frozen=True, kw_only=True):
    """The changing half of an adoption; `content` names the pieces of its record."""

    content: str
    tags: Tags


def adoption(record: Record, tags: Tags) -> tuple[dict[str, str], dict[str, str]]:
    """The properties and the tags that record an adoption.

    A run may be adopted as several jobs, and again with other outputs: each record has its own
    property, and the tag of the job's digest points to the latest.
    """
    text = packed(record)
    content = hashlib.sha256(text.encode()).hexdigest()[:12]
    key = f"{ADOPTED}_{_adoption_key(record)}"
    pointer = counted(key, msgspec.json.encode(_Adoption(content=content, tags=tags)))
    return dict(in_pieces(f"gitrain.adopted.{content}", text)), pointer


def adoptions(properties: Mapping[str, str], tags: Mapping[str, str]) -> Iterator[Adopted]:
    """Every adoption recorded on a run."""
    for key in sorted(tags):
        if not key.startswith(f"{ADOPTED}_") or key.count("_") != 2:
            continue
        pointer = decoded(uncounted(key, tags), _Adoption)
        text = joined(f"gitrain.adopted.{pointer.content}", properties) if pointer else ""
        record = unpacked(text) if text else None
        if pointer and record:
            yield Adopted(record=record, tags=pointer.tags)


def _adoption_key(record: Record) -> str:
    name = "\n".join((record.project, record.job, record.digest))
    return hashlib.sha256(name.encode()).hexdigest()[:12]
