"""What doctor looks at, in the order in which things are needed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterator

import msgspec

from gitrain import __version__
from gitrain.errors import GitrainError
from gitrain.plan.options import Options
from gitrain.project.opened import Session
from gitrain.report.safe import count
from gitrain.terminal.invocation import Invocation


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
    yield from _secrets(session)
    yield from _workspace(session)


def _c_parser() -> Finding:
    if importlib.util.find_spec("_ruamel_yaml"):
        return Finding(True, "YAML is parsed in C")
    return Finding(True, "YAML is parsed in Python, five times slower: install ruamel.yaml.clib")


def _checkout(session: Session) -> Iterator[Finding]:
    repository = session.sources.repository
    if repository.checkout is None:
        yield Finding(True, "this is no Git repository: runs will name no commit")
        return
    state = "uncommitted changes" if repository.dirty else "clean"
    where = f"at {repository.commit[:7]}" if repository.commit else "without a commit"
    yield Finding(True, f"the checkout is {where}, {state}")


def _secrets(session: Session) -> Iterator[Finding]:
    wanted = session.desired.secrets
    for name in sorted(wanted):
        there = name in os.environ
        yield Finding(
            there, f"secret {name} is {'set' if there else 'not set: reconcile needs it'}"
        )


def _workspace(session: Session) -> Iterator[Finding]:
    name = session.workspace_name
    try:
        made = session.plan(Options())
    except GitrainError as error:
        why = "\n".join(error.lines)
        yield Finding(False, f"workspace {name} cannot be used: {why}")
        return
    yield Finding(
        True, f"workspace {name} ({made.place}) answers: {count(len(session.observed.runs), 'run')}"
    )
