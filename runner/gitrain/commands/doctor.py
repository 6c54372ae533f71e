"""gitrain doctor"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator

import click
import msgspec

from gitrain import __version__
from gitrain.commands.options import common
from gitrain.desired import Desired
from gitrain.errors import Exit, GitrainError, ManifestsError
from gitrain.manifest import Cluster, Environment, Job
from gitrain.observed import Observed
from gitrain.plan.options import Options
from gitrain.project.opened import OpenedProject
from gitrain.reconcile import observe
from gitrain.report.safe import count
from gitrain.secrets.needed import of_job, of_registry, of_ssh
from gitrain.source import SourceError
from gitrain.terminal.invocation import Invocation
from gitrain.workspace_types import workspace_type


@click.command("doctor")
@common()
def command(invocation: Invocation) -> int:
    """Check Python, Git, the manifests and the workspace, and say what is wrong.

    Changes nothing. Exits 1 if something would keep gitrain from working.
    """
    fine = True
    for finding in checkup(invocation):
        fine = fine and finding.fine
        mark = invocation.style("✓", "green") if finding.fine else invocation.style("✗", "red")
        invocation.write(f"{mark} {finding.text}")
    return Exit.OK if fine else Exit.ERROR


class Finding(msgspec.Struct, frozen=True):
    """The result of one check; `text` says what to do if it is not fine."""

    fine: bool
    text: str


def checkup(invocation: Invocation) -> Iterator[Finding]:
    """Check one thing after the other, skipping those that need a broken one."""
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding(sys.version_info >= (3, 11), f"gitrain {__version__} on Python {python}")
    yield _c_parser()
    git = shutil.which("git")
    yield Finding(git is not None, f"git is {git}" if git else "git is missing: install it")
    opened = OpenedProject(invocation)
    try:
        resources = count(len({id(d.resource) for d in opened.manifests.all()}), "manifest")
        places = count(len(opened.manifests.by_workspace), "workspace")
        yield Finding(True, f"{resources}, {places}")
    except GitrainError as error:
        yield Finding(False, f"the manifests are invalid ({error}): run gitrain validate")
        return
    yield from _checkout(opened)
    try:
        wanted = opened.desired.secrets
    except (ManifestsError, SourceError) as error:
        yield Finding(False, f"the digests of the jobs cannot be computed: {_told(error)}")
        yield from _secrets(_named(opened))
        yield from _workspace(opened, lambda: observe(opened.workspace, _nothing(opened)))
        return
    yield from _secrets(wanted)
    yield from _workspace(opened, lambda: _planned(opened))


def _c_parser() -> Finding:
    if importlib.util.find_spec("_ruamel_yaml"):
        return Finding(True, "YAML is parsed in C")
    return Finding(
        True, "YAML is parsed in Python, which is five times slower: install ruamel.yaml.clib"
    )


def _checkout(opened: OpenedProject) -> Iterator[Finding]:
    repository = opened.sources.repository
    try:
        if repository.checkout is None:
            yield Finding(True, "this is not a Git repository: runs will not record a commit")
            return
        state = "with uncommitted changes" if repository.dirty else "clean"
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


def _named(opened: OpenedProject) -> frozenset[str]:
    """The secrets that are named in the manifests themselves."""
    found: set[str] = set()
    for document in opened.documents:
        match document.resource:
            case Job() as job:
                found.update(of_job(job, None))
            case Environment(spec=spec):
                found.update(of_registry(spec.registry))
            case Cluster(spec=spec):
                found.update(of_ssh(spec.ssh_settings))
    return frozenset(found)


def _nothing(opened: OpenedProject) -> Desired:
    """Asks a workspace for nothing but an answer."""
    name = opened.workspace_name
    project = opened.manifests.project
    row = workspace_type(project.spec.workspaces[name])
    return Desired(project=project.metadata.name, workspace=name, type=row)


def _planned(opened: OpenedProject) -> Observed:
    opened.plan(Options())
    return opened.observed


def _workspace(opened: OpenedProject, look: Callable[[], Observed]) -> Iterator[Finding]:
    name = opened.workspace_name
    try:
        live, place = sum(run.live for run in look().runs), opened.workspace.place
    except GitrainError as error:
        yield Finding(False, f"workspace {name} cannot be used: {_told(error)}")
        return
    yield Finding(True, f"workspace {name} ({place}) answers: {count(live, 'live run')}")


def _told(error: GitrainError) -> str:
    if isinstance(error, ManifestsError):
        # One cause may affect every job.
        told = (": ".join(filter(None, (one.message, one.suggestion))) for one in error.problems)
        return "\n".join(dict.fromkeys(told))
    return "\n".join(error.lines)
