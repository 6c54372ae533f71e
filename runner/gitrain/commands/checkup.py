"""What doctor looks at, in the order in which things are needed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator

import msgspec

from gitrain import __version__
from gitrain.desired import Desired
from gitrain.errors import GitrainError, ManifestsError
from gitrain.manifest import Cluster, Environment, Job
from gitrain.observed import Observed
from gitrain.plan.options import Options
from gitrain.project.opened import Session
from gitrain.reconcile import observe
from gitrain.report.safe import count
from gitrain.secrets.needed import of_job, of_registry, of_ssh
from gitrain.source import SourceError
from gitrain.terminal.invocation import Invocation
from gitrain.workspace_types import workspace_type


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at; `text` says what to do when it is not fine."""

    fine: bool
    text: str


def checkup(invocation: Invocation) -> Iterator[Finding]:
    """Looks at one thing after the other; what needs a broken one is left out."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding(sys.version_info >= (3, 11), f"gitrain {__version__} on Python {python}")
    yield _c_parser()
    git = shutil.which("git")
    yield Finding(git is not None, f"git is {git}" if git else "git is missing: install it")
    session = Session(invocation)
    try:
        resources = count(len({id(d.resource) for d in session.manifests.all()}), "manifest")
        places = count(len(session.manifests.by_workspace), "workspace")
        yield Finding(True, f"{resources}, {places}")
    except GitrainError as error:
        yield Finding(False, f"the manifests are invalid ({error}): run gitrain validate")
        return
    yield from _checkout(session)
    try:
        wanted = session.desired.secrets
    except (ManifestsError, SourceError) as error:
        yield Finding(False, f"the digests of the jobs cannot be computed: {_told(error)}")
        yield from _secrets(_named(session))
        yield from _workspace(session, lambda: observe(session.workspace, _nothing(session)))
        return
    yield from _secrets(wanted)
    yield from _workspace(session, lambda: _planned(session))


def _c_parser() -> Finding:
    if importlib.util.find_spec("_ruamel_yaml"):
        return Finding(True, "YAML is parsed in C")
    return Finding(True, "YAML is parsed in Python, five times slower: install ruamel.yaml.clib")


def _checkout(session: Session) -> Iterator[Finding]:
    repository = session.sources.repository
    try:
        if repository.checkout is None:
            yield Finding(True, "this is no Git repository: runs will name no commit")
            return
        state = "uncommitted changes" if repository.dirty else "clean"
        where = f"at {repository.commit[:7]}" if repository.commit else "without a commit"
    except SourceError as error:
        yield Finding(False, _told(error))
        return
    yield Finding(True, f"the checkout is {where}, {state}")


def _secrets(wanted: Iterable[str]) -> Iterator[Finding]:
    for name in sorted(wanted):
        there = name in os.environ
        yield Finding(
            there, f"secret {name} is {'set' if there else 'not set: reconcile needs it'}"
        )


def _named(session: Session) -> frozenset[str]:
    """The secrets that the manifests themselves name."""
    found: set[str] = set()
    for document in session.documents:
        match document.resource:
            case Job() as job:
                found.update(of_job(job, None))
            case Environment(spec=spec):
                found.update(of_registry(spec.registry))
            case Cluster(spec=spec):
                found.update(of_ssh(spec.ssh_settings))
    return frozenset(found)


def _nothing(session: Session) -> Desired:
    """Asks no more of a workspace than that it answers."""
    name = session.workspace_name
    project = session.manifests.project
    row = workspace_type(project.spec.workspaces[name])
    return Desired(project=project.metadata.name, workspace=name, type=row)


def _planned(session: Session) -> Observed:
    session.plan(Options())
    return session.observed


def _workspace(session: Session, look: Callable[[], Observed]) -> Iterator[Finding]:
    name = session.workspace_name
    try:
        runs, place = look().runs, session.workspace.place
    except GitrainError as error:
        yield Finding(False, f"workspace {name} cannot be used: {_told(error)}")
        return
    yield Finding(True, f"workspace {name} ({place}) answers: {count(len(runs), 'run')}")


def _told(error: GitrainError) -> str:
    if isinstance(error, ManifestsError):
        # One cause may meet every job.
        told = (": ".join(filter(None, (one.message, one.suggestion))) for one in error.problems)
        return "\n".join(dict.fromkeys(told))
    return "\n".join(error.lines)
