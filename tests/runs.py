"""Runs, and what they are made from: the one factory. It takes only what matters to a test."""

from __future__ import annotations

from typing import Any

from gitrain.identity import Identity
from gitrain.manifest import JobSpec
from gitrain.observed import Phase, Run
from gitrain.workspace import Adoption, Submission

DIGEST = "0123456789ab"


def an_identity(
    job: str = "train", digest: str = DIGEST, attempt: int = 1, project: str = "pets", **given: Any
) -> Identity:
    empty = {"canonical": {}, "placement": {}, "parts": {}}
    more = {**empty, **given}
    return Identity(project=project, job=job, digest=digest, attempt=attempt, **more)


def a_run(phase: Phase = Phase.COMPLETED, **given: Any) -> Run:
    """A run; of what is given, an identity's fields are its identity's, if that is not given."""
    return Run(identity=_identity(given), phase=phase, **given)


def a_submission(spec: JobSpec | None = None, **given: Any) -> Submission:
    """A submission that computes its command, if nothing else is said."""
    spec = spec or JobSpec(command="true")
    identity = _identity(given, canonical={"command": spec.command})
    return Submission(identity=identity, spec=spec, **given)


def an_adoption(run_id: str, **given: Any) -> Adoption:
    """That this run is the digest of job `other`."""
    identity = _identity(given, job="other", digest="ba9876543210")
    return Adoption(run_id=run_id, identity=identity, **given)


def _identity(given: dict[str, Any], **otherwise: Any) -> Identity:
    """Taken out of what is given."""
    fields = {name: given.pop(name) for name in Identity.__struct_fields__ if name in given}
    identity: Identity | None = given.pop("identity", None)
    return identity or an_identity(**{**otherwise, **fields})
