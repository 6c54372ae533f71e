"""One emulator for each test process, and the adapter opened on it.

The SDK reads its cloud's addresses once, when it is imported: so the emulator of a process lives as
long as the process, and is reset between tests.
"""

from __future__ import annotations

import atexit
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from gitrain.desired import Code, EnvironmentUse
from gitrain.manifest import JobSpec
from gitrain.observed import Observed, Run
from gitrain.workspace import Query, Submission
from gitrain.workspaces.azureml.http.addresses import Target
from gitrain.workspaces.azureml.http.credentials import AccessToken, Tokens
from gitrain.workspaces.azureml.http.retry import Transport
from gitrain.workspaces.azureml.workspace import Access, AzuremlRuns
from tests import runs
from tests.doubles.azure.emulator import Emulator, environment

NO_PAUSE = (0.01, 0.01)


@cache
def the_emulator() -> Emulator:
    """This process's emulator."""
    emulator = Emulator(execution="manual", collect_seconds=0.05, grace_seconds=1.0).start()
    atexit.register(emulator.stop)
    return emulator


@contextmanager
def emulated() -> Iterator[Emulator]:
    """The emulator, empty, while this process's environment says that it is Azure."""
    emulator = the_emulator()
    emulator.reset()
    before = dict(os.environ)
    os.environ.update(environment(emulator))
    try:
        yield emulator
        # Neither asked for what the emulator does not know, nor broke it.
        assert (emulator.unknown, emulator.defects) == ([], [])
    finally:
        os.environ.clear()
        os.environ.update(before)


class Minting:
    """A credential that the emulator believes; counts how often it is asked."""

    def __init__(self, emulator: Emulator, seconds: float = 3600.0) -> None:
        self.emulator = emulator
        self.seconds = seconds
        self.asked = 0

    def get_token(self, *scopes: str) -> AccessToken:
        self.asked += 1
        return _Token(self.emulator.tokens.mint(self.seconds), int(time.time() + self.seconds))


class _Token:
    def __init__(self, token: str, expires_on: int) -> None:
        self.token = token
        self.expires_on = expires_on


def copying(code: Code, folder: Path) -> None:
    """A stage that copies the folder, links as links."""
    shutil.copytree(code.folder, folder, symlinks=True)


def a_workspace(root: Path, *, seconds: float = 3600.0, kind: Any = AzuremlRuns) -> Any:
    emulator = the_emulator()
    place = emulator.place
    tokens = Tokens(lambda: Minting(emulator, seconds), "scope")
    access = Access(emulator.url, Transport(tokens, NO_PAUSE))
    target = Target(place.subscription, place.group, place.workspace)
    return kind(target, root, copying, access, poll=0.05)


def an_environment_use(emulator: Emulator, name: str = "env") -> EnvironmentUse:
    """An environment that is registered already."""
    emulator.state.environments.setdefault(name, {}).setdefault(
        "1",
        {
            "name": name,
            "version": "1",
            "python": {"userManagedDependencies": True, "interpreterPath": "python"},
            "docker": {"baseImage": "image", "baseImageRegistry": {}},
            "environmentVariables": {},
            "spark": {},
        },
    )
    return EnvironmentUse(name=name, version="1")


def a_submission(command: str = "true", **given: Any) -> Submission:
    """A run on a cluster and in an environment that exist."""
    emulator = the_emulator()
    if "cpu" not in emulator.state.computes:
        emulator.add_cluster("cpu", most=4)
    spec = given.pop("spec", None) or JobSpec(
        command=command, compute="cpu", environment="env", **given.pop("fields", {})
    )
    there = {"environment": an_environment_use(emulator), "placement": {"compute": "cpu"}}
    return runs.a_submission(spec, **{**there, **given})


def observed(workspace: AzuremlRuns, *run_ids: str, project: str = "pets") -> Observed:
    return workspace.observe(Query(project=project, run_ids=run_ids))


def the_run(workspace: AzuremlRuns, run: Run) -> Run:
    return next(one for one in observed(workspace, project=run.project).runs if one.id == run.id)
