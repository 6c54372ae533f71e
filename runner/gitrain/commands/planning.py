"""Options from flags, plans without a workspace, and explanations."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec

from gitrain.commands.session import Session
from gitrain.errors import ManifestsError, RefusedError, UsageError
from gitrain.load.discover import PROJECT_FILE
from gitrain.observed import Observed
from gitrain.plan.actions import Plan, Verb
from gitrain.plan.make import plan
from gitrain.plan.offline import as_if_completed
from gitrain.plan.options import Options
from gitrain.reconcile import changed_files


def options_of(session: Session, flags: Mapping[str, Any]) -> Options:
    """The flags of a command line; --prune falls back to what the workspace says."""
    prune = flags.get("prune")
    if prune is None:
        prune = session.prunes and not flags.get("select")
    return Options(**{**flags, "select": tuple(flags.get("select", ())), "prune": prune})


def offline_plan(session: Session, options: Options, base: str | None) -> Plan:
    """The plan against what the manifests at `base` would have made, all runs completed."""
    ref = base or session.sources.repository.default_branch
    if not ref:
        raise UsageError("there is no remote branch to compare with: give --base REF")
    observed = _observed_at(session, ref)
    files = changed_files(session.desired, observed, session.sources.changed_files)
    options = msgspec.structs.replace(options, changed_files=files)
    return msgspec.structs.replace(plan(session.desired, observed, options), offline=ref)


def _observed_at(session: Session, ref: str) -> Observed:
    """What the manifests of another revision would have made, read from a copy of its files;
    nothing, if that revision knows no such project or workspace."""
    repository = session.sources.repository
    checkout = repository.checkout
    if checkout is None:
        raise UsageError("--offline compares with a Git revision, and this is no Git repository")
    commit = repository.resolved(ref)
    if not commit:
        cure = "; this clone is shallow: `git fetch --unshallow`" if repository.shallow else ""
        raise UsageError(f"there is no revision {ref} in this clone{cure}")
    with tempfile.TemporaryDirectory(prefix="gitrain-base-") as folder:
        reply = checkout.git.ask("archive", "--format=tar", commit)
        if reply.status:
            raise UsageError(f"the files of {ref} cannot be read: {reply.reason}")
        with tarfile.open(fileobj=BytesIO(reply.out)) as archive:
            archive.extractall(folder, filter="tar")
        root = Path(folder) / session.root.relative_to(checkout.root)
        if not (root / PROJECT_FILE).is_file():
            return Observed()
        invocation = msgspec.structs.replace(
            session.invocation, directory=root, workspace=session.workspace_name
        )
        before = Session(invocation)
        try:
            known = session.workspace_name in before.manifests.project.spec.workspaces
            return as_if_completed(before.desired) if known else Observed()
        except (ManifestsError, RefusedError) as error:
            raise UsageError(
                f"the manifests at {ref} are invalid ({error}): give another --base"
            ) from error


def explained(session: Session, options: Options, job: str) -> str:
    """Why a job runs, or does not."""
    from gitrain.report.explain_text import explain_text

    session.job(job)
    made = session.plan(options)
    rows = [row for row in made.actions if row.kind == "Job" and row.name == job]
    row = next(row for row in rows if row.verb is not Verb.CANCEL)
    runs = [run for run in session.observed.runs if run.job == job]
    return explain_text(row, runs, session.invocation.style)
