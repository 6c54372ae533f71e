"""What GitHub Actions gives a step: the `GITHUB_*` variables and the event file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .hub import TOKEN, GitHub
from .state import Pull


def pull_request(
    hub: GitHub, folder: Path, pull: Pull, action: str = "synchronize", label: str = ""
) -> dict[str, str]:
    """As for `on: pull_request`: HEAD is refs/pull/N/merge. A fork's token may only read."""
    event: dict[str, Any] = {
        "action": action,
        "number": pull.number,
        "pull_request": hub.bodies.pull(pull),
        "repository": hub.bodies.repository(hub.full_name),
        "sender": hub.bodies.user(pull.user),
    }
    if label:
        event["label"] = hub.bodies.label(label)
    return variables(
        hub,
        folder,
        "pull_request",
        event,
        GITHUB_SHA=pull.merge_commit_sha or pull.head_sha,
        GITHUB_REF=f"refs/pull/{pull.number}/merge",
        GITHUB_REF_NAME=f"{pull.number}/merge",
        GITHUB_HEAD_REF=pull.head_ref,
        GITHUB_BASE_REF=pull.base_ref,
        GITHUB_ACTOR=pull.user,
    )


def push(hub: GitHub, folder: Path, branch: str = "main") -> dict[str, str]:
    """As for `on: push` to a branch."""
    sha = hub.git.head(branch)
    event = {
        "ref": f"refs/heads/{branch}",
        "after": sha,
        "repository": hub.bodies.repository(hub.full_name),
    }
    return _on_branch(hub, folder, "push", event, branch, sha)


def schedule(hub: GitHub, folder: Path, branch: str = "main") -> dict[str, str]:
    """As for `on: schedule`."""
    event = {"schedule": "*/20 * * * *", "repository": hub.bodies.repository(hub.full_name)}
    return _on_branch(hub, folder, "schedule", event, branch, hub.git.head(branch))


def workflow_dispatch(
    hub: GitHub, folder: Path, inputs: dict[str, str], branch: str = "main"
) -> dict[str, str]:
    """As for `on: workflow_dispatch`."""
    event = {
        "inputs": inputs,
        "ref": f"refs/heads/{branch}",
        "repository": hub.bodies.repository(hub.full_name),
    }
    return _on_branch(hub, folder, "workflow_dispatch", event, branch, hub.git.head(branch))


def _on_branch(
    hub: GitHub, folder: Path, name: str, event: dict[str, Any], branch: str, sha: str
) -> dict[str, str]:
    return variables(
        hub,
        folder,
        name,
        event,
        GITHUB_SHA=sha,
        GITHUB_REF=f"refs/heads/{branch}",
        GITHUB_REF_NAME=branch,
    )


def variables(
    hub: GitHub, folder: Path, name: str, event: dict[str, Any], **more: str
) -> dict[str, str]:
    """Writes `event.json` and an empty `summary.md` in the folder, and names them."""
    folder.mkdir(parents=True, exist_ok=True)
    file, summary = folder / "event.json", folder / "summary.md"
    file.write_text(json.dumps(event))
    summary.write_text("")
    return {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": hub.url,
        "GITHUB_SERVER_URL": hub.web,
        "GITHUB_REPOSITORY": hub.full_name,
        "GITHUB_REPOSITORY_OWNER": hub.owner,
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": str(file),
        "GITHUB_STEP_SUMMARY": str(summary),
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_RUN_ID": "7001",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_RUN_NUMBER": "1",
        "GITHUB_ACTOR": "ada",
        "GITHUB_HEAD_REF": "",
        "GITHUB_BASE_REF": "",
        **more,
    }
