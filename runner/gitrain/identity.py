"""The only record of a run's identity, and the only spelling of its id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

DIGITS = 12
"""The number of hex digits in a digest."""

_REST = re.compile(rf"(.+)-([0-9a-f]{{{DIGITS}}})-([1-9][0-9]{{0,5}})")

_Record = TypeVar("_Record", bound=msgspec.Struct)


class RunId(msgspec.Struct, frozen=True, order=True):
    """The parts of a run's id; `str` gives the id itself.

    gitrain chooses the id and sends it with the submission, so that a run is submitted exactly
    once.
    """

    project: str
    job: str
    digest: str
    attempt: int

    def __str__(self) -> str:
        return f"{self.project}-{self.job}-{self.name}"

    @property
    def name(self) -> str:
        """The name of a run among those of its job: DIGEST-ATTEMPT."""
        return f"{self.digest}-{self.attempt}"

    @classmethod
    def parse(cls, project: str, text: str) -> RunId | None:
        """The parts of one of this project's run ids; None for any other text.

        It needs the project: `a-b-…` may be job b of project a, or a run of project a-b.
        """
        match = _REST.fullmatch(text.removeprefix(f"{project}-"))
        if match is None or not text.startswith(f"{project}-"):
            return None
        job, digest, attempt = match.groups()
        return cls(project, job, digest, int(attempt))


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Identifies a run: its job, what that computes, and where; deeply frozen.

    `attempt` counts the runs of one digest from 1. `canonical` is what the job computes (as in
    `digest`), without secrets; `placement` is where and under which limits; `parts` are the digests
    of the source tree, the environment and the jobs whose outputs it takes.
    """

    project: str
    job: str
    digest: str
    attempt: int
    canonical: Mapping[str, Any]
    placement: Mapping[str, Any]
    parts: Mapping[str, str]

    def __post_init__(self) -> None:
        for name in ("canonical", "placement", "parts"):
            msgspec.structs.force_setattr(self, name, _frozen(getattr(self, name)))

    @property
    def run_id(self) -> str:
        """The id under which its run is submitted."""
        return str(RunId(self.project, self.job, self.digest, self.attempt))

    @property
    def name(self) -> str:
        """The name of its run among those of its job."""
        return RunId(self.project, self.job, self.digest, self.attempt).name


def flat(record: msgspec.Struct) -> dict[str, Any]:
    """A record with an `identity`, in its stored form: the identity's fields, then its own."""
    values: dict[str, Any] = msgspec.to_builtins(record, enc_hook=thawed)
    return {**values.pop("identity"), **values}


def unflat(text: bytes, kind: type[_Record], **absent: Any) -> _Record:
    """The record of this kind, from the JSON of what `flat` returned. Ignores fields that the kind
    lacks; `absent` are the values of fields that the text may lack. Raises msgspec.MsgspecError for
    any other text."""
    try:
        values = absent | msgspec.json.decode(text, type=dict[str, Any])
        return msgspec.convert({**values, "identity": values}, kind)
    except RecursionError:
        raise msgspec.DecodeError("nested too deeply") from None


def thawed(value: Any) -> Any:
    """A mutable copy of a JSON value of an identity."""
    if isinstance(value, Mapping):
        return {key: thawed(inner) for key, inner in value.items()}
    return [thawed(inner) for inner in value] if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return MappingProxyType({key: _frozen(inner) for key, inner in value.items()})
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value
