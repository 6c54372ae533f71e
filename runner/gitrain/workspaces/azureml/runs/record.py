"""What gitrain writes on a run, within Azure ML's limits: tags to filter by, else properties.

A run has at most 50 tags and 50 properties, keys of 100 and values of 1,000 characters. Properties
never change once they are set, tags do: so identity and canonical form are a property in pieces,
and labels, description and display name are a tag. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import msgspec

from gitrain.identity import Identity, flat, unflat
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

    identity: Identity
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
    variant = given.tags.variant
    if isinstance(given, Adoption):
        return Record(identity=given.identity, variant=variant, outputs=given.outputs)
    return Record(
        identity=given.identity,
        commit=given.commit,
        dirty=given.dirty,
        forced=given.forced,
        variant=variant,
    )


def packed(record: Record) -> str:
    """A record as one text. One too long for a run is packed without its canonical form: plans then
    say less about why a job changed, and nothing else differs."""
    text = pack(_text(record))
    if len(text) <= PIECE * _PIECES:
        return text
    identity = msgspec.structs.replace(record.identity, canonical={})
    return pack(_text(msgspec.structs.replace(record, identity=identity)))


def _text(record: Record) -> bytes:
    """Without empty maps: there is little room on a run."""
    values = flat(record).items()
    return msgspec.json.encode({name: value for name, value in values if value != {}})


def unpacked(text: str) -> Record | None:
    """The record in a text; None for a text that we did not write."""
    try:
        return unflat(unpack(text), Record, canonical={}, placement={}, parts={})
    except msgspec.MsgspecError:
        return None


def experiment_tag(project: str) -> str:
    """The key of the tag that makes an experiment the project's; several projects may share one.

    Names may contain what a filter cannot, so the key has a digest of the name.
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
        PROJECT: record.identity.project,
        JOB: record.identity.job,
        DIGEST: record.identity.digest,
        ATTEMPT: str(record.identity.attempt),
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
    """The label tags of an earlier change that a new one no longer has."""
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
    one = record.identity
    key = adopted_as(one.project, one.job, one.digest)
    pointer = counted(key, msgspec.json.encode(_Adoption(content=content, tags=tags)))
    by = {adopted_by(one.project, one.job): "1"}
    return dict(in_pieces(f"gitrain.adopted.{content}", text)), pointer | by


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


def adopted_as(project: str, job: str, digest: str) -> str:
    """The key of the tag that points to the record of an adoption."""
    return f"{ADOPTED}_{_short(project, job, digest)}"


def adopted_by(project: str, job: str) -> str:
    """The key of the tag by which all adoptions of a job are found."""
    return f"{ADOPTED}_by_{_short(project, job)}"


def _short(*names: str) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]
