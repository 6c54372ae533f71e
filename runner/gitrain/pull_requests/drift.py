"""From a workspace that differs from its manifests to an issue, and back."""

from __future__ import annotations

import os

from gitrain.github.api import Repository
from gitrain.github.event import read_event
from gitrain.project.opened import OpenedProject
from gitrain.project.plans import options_of
from gitrain.pull_requests.issues import close, keep
from gitrain.pull_requests.text.drift_issue import (
    differs,
    drift_issue,
    drift_marker,
    drift_title,
    matches_again,
)
from gitrain.terminal.github_step import links
from gitrain.terminal.invocation import Invocation


def say_drift(invocation: Invocation, repository_name: str | None) -> int:
    """Make the issue match the workspace, and print what was found and done."""
    opened = OpenedProject(invocation)
    made = opened.plan(options_of(opened, {}))
    where = links(invocation.directory)
    event = read_event(os.environ, repository_name or "")
    repository = Repository(event, os.environ.get("GITHUB_TOKEN", ""))
    if differs(made):
        done = keep(repository, drift_title(made), drift_issue(made, where))
        invocation.write(f"{drift_title(made)}: {done}")
    else:
        marker = drift_marker(made, where)
        done = close(repository, marker, matches_again(made, where))
        invocation.write(f"{made.workspace} matches its manifests{done and f': {done}'}")
    return 0
